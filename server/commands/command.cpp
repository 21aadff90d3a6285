// Commands as clients ask for them, and the words for their states.
#include "server/commands/command.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace masthead::commands {
namespace {

constexpr std::string_view kStates[] = {"queued", "sent",   "accepted", "in_progress", "completed",
                                        "denied", "failed", "expired",  "cancelled"};
constexpr std::size_t kMaxRequestBytes = 4096;
constexpr std::size_t kMaxReasonBytes = 500;

bool is_request_id(std::string_view id) {
    return id.size() >= 8 && id.size() <= 64 &&
           std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

tl::unexpected<Error> bad(const std::string& rule) { return fail(Code::invalid_argument, rule); }

Result<void> check_members(const json::Value& value) {
    constexpr std::string_view kMembers[] = {"type",       "id",          "vehicle", "command",
                                             "parameters", "deadline_ms", "reason",  "idempotency_key"};
    for (const std::string& name : value.names()) {
        if (std::ranges::find(kMembers, name) == std::end(kMembers)) {
            return bad("a command has no member '" + name + "'");
        }
    }
    if (value.find("type") && value.string("type") != "command") {
        return bad("'type' must be \"command\"");
    }
    return {};
}

Result<void> read_options(const json::Value& value, Request& request) {
    if (value.find("deadline_ms")) {
        const auto deadline = value.integer("deadline_ms");
        if (!deadline || *deadline < 100 || *deadline > 60'000) {
            return bad("'deadline_ms' must be a whole number from 100 to 60000");
        }
        request.deadline = std::chrono::milliseconds(*deadline);
    }
    if (value.find("idempotency_key")) {
        request.key = value.string("idempotency_key").value_or("");
        if (!is_request_id(request.key)) {
            return bad("'idempotency_key' must be 8 to 64 letters, digits and hyphens");
        }
    }
    if (value.find("reason")) {
        request.reason = value.string("reason").value_or("");
        if (request.reason.empty() || request.reason.size() > kMaxReasonBytes) {
            return bad("'reason' must be a text of 1 to 500 bytes");
        }
    }
    return {};
}

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

Result<Request> parse_request(std::string_view text) {
    const auto value = json::Value::parse(text, kMaxRequestBytes);
    if (!value) {
        return tl::unexpected(value.error());
    }
    if (!value->is_object()) {
        return bad("a command must be a JSON object");
    }
    if (auto known = check_members(*value); !known) {
        return tl::unexpected(known.error());
    }
    const std::string name = value->string("command").value_or("");
    Request request{.id = value->string("id").value_or(""),
                    .vehicle = value->string("vehicle").value_or(""),
                    .row = row(name)};
    if (!is_request_id(request.id)) {
        return bad("'id' must be 8 to 64 letters, digits and hyphens, such as a UUID");
    }
    if (request.vehicle.empty()) {
        return bad("'vehicle' must name the vehicle the command is for");
    }
    if (!request.row) {
        return bad("'command': there is no command '" + name.substr(0, 64) + "'");
    }
    request.parameters = value->find("parameters");
    if (auto read = read_options(*value, request); !read) {
        return tl::unexpected(read.error());
    }
    if (request.row->danger == Danger::hold && request.reason.empty()) {
        return bad("'reason' is missing: '" + name + "' is dangerous, and wants one");
    }
    return request;
}

Command make_command(const Request& request, const std::string& parameters, const std::string& user,
                     Utc now) {
    return {.id = request.id,
            .key = request.key,
            .vehicle = request.vehicle,
            .command = std::string(request.row->name),
            .parameters = parameters,
            .reason = request.reason,
            .user = user,
            .state = State::queued,
            .detail = {},
            .target = {},
            .created = now,
            .updated = now,
            .deadline = now + request.deadline,
            .steps = {{State::queued, "", now}}};
}

std::string to_json(const std::vector<Step>& steps) {
    json::Writer out;
    out.begin_array();
    for (const Step& step : steps) {
        out.begin_object().member("state", to_string(step.state));
        if (!step.detail.empty()) {
            out.member("detail", step.detail);
        }
        out.member("time", step.time.us);
        if (step.late) {
            out.member("late", true);
        }
        out.end_object();
    }
    return out.end_array().release();
}

std::vector<Step> steps_from_json(std::string_view text) {
    std::vector<Step> steps;
    const auto value = json::Value::parse(text);
    for (const json::Value& item : value ? value->items() : std::vector<json::Value>()) {
        const auto state = parse_state(item.string("state").value_or(""));
        const auto time = item.integer("time");
        if (state && time) {
            steps.push_back({*state, item.string("detail").value_or(""), Utc{*time},
                             item.boolean("late").value_or(false)});
        }
    }
    return steps;
}

} // namespace masthead::commands
