// Rules of a command's life.
#include "server/commands/command.hpp"

#include "plugins/glib/json.hpp"

#include <algorithm>

namespace masthead::commands {
namespace {

constexpr std::string_view kStates[] = {"queued",    "sent",   "accepted", "in_progress",
                                        "completed", "denied", "failed",   "expired"};
constexpr std::size_t kMaxRequestBytes = 4096;

Command changed(Command command, State state, const std::string& detail, Utc now) {
    command.state = state;
    command.detail = detail;
    // Two changes within a microsecond, or a clock set back, must not hide the newer one.
    command.updated = std::max(now, Utc{command.updated.us + 1});
    return command;
}

bool is_request_id(std::string_view id) {
    return id.size() >= 8 && id.size() <= 64 &&
           std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

tl::unexpected<Error> bad(const std::string& rule) { return fail(Code::invalid_argument, rule); }

} // namespace

std::string_view to_string(State state) noexcept { return kStates[static_cast<std::size_t>(state)]; }

std::optional<State> parse_state(std::string_view text) noexcept {
    const auto* found = std::find(std::begin(kStates), std::end(kStates), text);
    return found == std::end(kStates) ? std::nullopt : std::optional(static_cast<State>(found - kStates));
}

bool is_final(State state) noexcept { return state >= State::completed; }

bool is_open(State state) noexcept {
    return state == State::queued || state == State::sent || state == State::in_progress;
}

std::optional<Command> reported(const Command& command, State state, const std::string& detail, Utc now) {
    const bool repeated = state == command.state && (state != State::in_progress || detail == command.detail);
    if (is_final(command.state) || state < command.state || repeated) {
        return std::nullopt;
    }
    return changed(command, state, detail, now);
}

std::optional<Utc> next_time(const Command& command) {
    switch (command.state) {
    case State::queued: return command.deadline;
    case State::sent: return command.deadline + kAnswerGrace;
    default: return std::nullopt;
    }
}

std::optional<Command> timed(const Command& command, Utc now) {
    const auto due = next_time(command);
    if (!due || now < *due) {
        return std::nullopt;
    }
    return changed(command, State::expired,
                   command.state == State::queued ? "it could not be sent before its deadline"
                                                  : "the vehicle did not answer before the deadline",
                   now);
}

Result<Request> parse_request(std::string_view text) {
    const auto value = json::Value::parse(text, kMaxRequestBytes);
    if (!value) {
        return tl::unexpected(value.error());
    }
    if (!value->is_object()) {
        return bad("a command must be a JSON object");
    }
    for (const std::string& name : value->names()) {
        if (name != "type" && name != "id" && name != "vehicle" && name != "command" &&
            name != "deadline_ms") {
            return bad("a command has no member '" + name + "'");
        }
    }
    Request request{.id = value->string("id").value_or(""),
                    .vehicle = value->string("vehicle").value_or(""),
                    .command = value->string("command").value_or("")};
    if (value->find("type") && value->string("type") != "command") {
        return bad("'type' must be \"command\"");
    }
    if (!is_request_id(request.id)) {
        return bad("'id' must be 8 to 64 letters, digits and hyphens, such as a UUID");
    }
    if (request.vehicle.empty()) {
        return bad("'vehicle' must name the vehicle the command is for");
    }
    if (request.command != "hold" && request.command != "return") {
        return bad("'command' must be hold or return");
    }
    if (value->find("deadline_ms")) {
        const auto deadline = value->integer("deadline_ms");
        if (!deadline || *deadline < 100 || *deadline > 60'000) {
            return bad("'deadline_ms' must be a whole number from 100 to 60000");
        }
        request.deadline = std::chrono::milliseconds(*deadline);
    }
    return request;
}

Command make_command(const Request& request, const std::string& user, Utc now) {
    return {.id = request.id,
            .vehicle = request.vehicle,
            .command = request.command,
            .user = user,
            .state = State::queued,
            .detail = {},
            .created = now,
            .updated = now,
            .deadline = now + request.deadline};
}

Result<std::optional<Command>> Book::known(const Request& request, const std::string& user) const {
    const Command* command = find(request.id);
    if (!command) {
        return std::nullopt;
    }
    if (command->vehicle != request.vehicle || command->command != request.command || command->user != user) {
        return fail(Code::conflict, "the id '" + request.id + "' belongs to another command");
    }
    return *command;
}

void Book::put(const Command& command) {
    commands_.insert_or_assign(command.id, command);
    const auto closed = [](const auto& entry) { return !is_open(entry.second.state); };
    if (std::count_if(commands_.begin(), commands_.end(), closed) >
        static_cast<std::ptrdiff_t>(kMaxFinished)) {
        const auto older = [&](const auto& a, const auto& b) {
            return std::pair(!closed(a), a.second.updated) < std::pair(!closed(b), b.second.updated);
        };
        commands_.erase(std::min_element(commands_.begin(), commands_.end(), older));
    }
}

const Command* Book::find(const std::string& id) const {
    const auto found = commands_.find(id);
    return found == commands_.end() ? nullptr : &found->second;
}

std::vector<Command> Book::open_of(const std::vector<std::string>& vehicles) const {
    std::vector<Command> open;
    for (const auto& [id, command] : commands_) {
        if (is_open(command.state) &&
            std::find(vehicles.begin(), vehicles.end(), command.vehicle) != vehicles.end()) {
            open.push_back(command);
        }
    }
    return open;
}

} // namespace masthead::commands
