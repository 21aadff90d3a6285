// A command and its life: queued -> sent -> accepted -> in_progress -> completed, or denied, failed, expired.
// Pure.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::commands {

enum class State : std::uint8_t { queued, sent, accepted, in_progress, completed, denied, failed, expired };

[[nodiscard]] std::string_view to_string(State state) noexcept;
[[nodiscard]] std::optional<State> parse_state(std::string_view text) noexcept;

/// How long after its deadline a command that was sent may still be answered.
inline constexpr std::chrono::seconds kAnswerGrace{2};

struct Command {
    std::string id; // made by the client
    std::string vehicle;
    std::string command; // hold, return
    std::string user;
    State state = State::queued;
    std::string detail;
    Utc created;
    Utc updated;
    Utc deadline; // not sent after this
};

/// Nothing more can become of it.
[[nodiscard]] bool is_final(State state) noexcept;
/// Its outcome is not known: the vehicle has not accepted it yet, or is at it.
[[nodiscard]] bool is_open(State state) noexcept;

/// What the worker says. Nothing when that changes nothing: late, repeated, or a step back.
[[nodiscard]] std::optional<Command> reported(const Command& command, State state, const std::string& detail,
                                              Utc now);
/// What the clock says: a command not sent before its deadline, or sent and never answered, expires.
[[nodiscard]] std::optional<Command> timed(const Command& command, Utc now);
/// When timed() is to be asked next; nothing: never.
[[nodiscard]] std::optional<Utc> next_time(const Command& command);

/// What a client asks for.
struct Request {
    std::string id;
    std::string vehicle;
    std::string command;
    std::chrono::milliseconds deadline{5000};
};
/// Reads the schema CommandRequest of openapi.yaml. Errors: malformed, invalid_argument naming the member.
[[nodiscard]] Result<Request> parse_request(std::string_view json);

/// The commands this run of the server knows. Thread: any one at a time.
class Book {
  public:
    static constexpr std::size_t kMaxFinished = 1000;

    /// The command of that id if it is the same (vehicle, command, user), which is then not sent again.
    /// Error: conflict when the id belongs to another one. Nothing: it is new.
    [[nodiscard]] Result<std::optional<Command>> known(const Request& request, const std::string& user) const;
    /// Adds or replaces. The oldest finished ones are forgotten past kMaxFinished.
    void put(const Command& command);
    void remove(const std::string& id) { commands_.erase(id); }
    [[nodiscard]] const Command* find(const std::string& id) const;
    /// Those whose outcome is not known, of these vehicles.
    [[nodiscard]] std::vector<Command> open_of(const std::vector<std::string>& vehicles) const;

  private:
    std::map<std::string, Command> commands_;
};

[[nodiscard]] Command make_command(const Request& request, const std::string& user, Utc now);

} // namespace masthead::commands
