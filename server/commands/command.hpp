// A command and its life: queued -> sent -> accepted -> in_progress -> completed, or denied, failed, expired,
// cancelled. Pure.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/commands/table.hpp"
#include "plugins/glib/json.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::commands {

enum class State : std::uint8_t {
    queued,
    sent,
    accepted,
    in_progress,
    completed,
    denied,
    failed,
    expired,
    cancelled
};

[[nodiscard]] std::string_view to_string(State state) noexcept;
[[nodiscard]] std::optional<State> parse_state(std::string_view text) noexcept;

/// Nothing more can become of it.
[[nodiscard]] bool is_final(State state) noexcept;
/// Its outcome is not known: the vehicle has not accepted it yet, or is at it.
[[nodiscard]] bool is_open(State state) noexcept;

/// One step of a command's way: what was said of it, and when.
struct Step {
    State state = State::queued;
    std::string detail;
    Utc time;
    bool late = false; // it had expired: this changed nothing any more
};

struct Command {
    std::string id;  // made by the client
    std::string key; // the client's idempotency key; "": none
    std::string vehicle;
    std::string command;           // of plugins/commands/table.hpp
    std::string parameters = "{}"; // checked; JSON object text
    std::string reason;            // the user's own words
    std::string user;
    State state = State::queued;
    std::string detail;
    std::string target; // to whom it was sent, in the link's words
    int resends = 0;    // how often the protocol's rule had it sent again
    Utc created;
    Utc updated;
    Utc deadline; // not sent after this
    std::vector<Step> steps;
};

/// What a client asks for.
struct Request {
    std::string id;
    std::string vehicle;
    const Row* row = nullptr;
    std::chrono::milliseconds deadline{5000};
    std::string key = {};
    std::string reason = {};
    std::optional<json::Value> parameters = {}; // not checked yet: what is right depends on the vehicle
};
/// Reads the schema CommandRequest of openapi.yaml. Errors: malformed, invalid_argument naming the member.
[[nodiscard]] Result<Request> parse_request(std::string_view json);

/// `parameters` is checked JSON object text.
[[nodiscard]] Command make_command(const Request& request, const std::string& parameters,
                                   const std::string& user, Utc now);

/// A chain as JSON text, and back: [{"state", "detail", "time", "late"}]. What is no step is left out.
[[nodiscard]] std::string to_json(const std::vector<Step>& steps);
[[nodiscard]] std::vector<Step> steps_from_json(std::string_view text);

} // namespace masthead::commands
