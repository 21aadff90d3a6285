// The MQTT link's topics and messages (schema/asyncapi.yaml). Pure.
#pragma once

#include "plugins/links/link.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace masthead::mqtt_link {

/// TOPIC of the link's URI: "fleet/kestrel" is one vehicle, named by the last level; "fleet/+/up" are all
/// vehicles that have a level there.
class Topics {
  public:
    /// Error: invalid_argument for an empty topic, '#', more than one '+', a '+' beside other text in its
    /// level, or a NUL.
    [[nodiscard]] static Result<Topics> create(std::string_view topic);

    [[nodiscard]] const std::string& base() const noexcept { return base_; }
    [[nodiscard]] std::string telemetry() const { return base_ + "/telemetry"; }
    [[nodiscard]] std::string acks() const { return base_ + "/command/ack"; }
    /// Where commands for `vehicle` go. Error: invalid_argument when it is not (or cannot be) a vehicle of
    /// this link.
    [[nodiscard]] Result<std::string> commands(const LinkAddress& vehicle) const;

    enum class Kind { telemetry, ack };
    struct Address {
        Kind kind;
        LinkAddress vehicle;
    };
    /// What came on `topic`; nothing for a topic that is none of ours.
    [[nodiscard]] std::optional<Address> parse(std::string_view topic) const;

  private:
    std::string base_;
    std::string before_;  // up to the vehicle's level
    std::string after_;   // after it
    LinkAddress vehicle_; // "" when the level is '+'
};

/// {"id": ..., "command": ..., "parameters": {...} unless there are none, "deadline": microseconds}
[[nodiscard]] std::string command_json(const LinkCommand& command);
/// {"id": ..., "state": ..., "detail": ...}. Error: invalid_argument or malformed, naming the member.
[[nodiscard]] Result<CommandUpdate> ack_from_json(std::string_view text);

} // namespace masthead::mqtt_link
