// What of a vehicle's reports people look for later, on the timeline of its recordings: changes of mode,
// arming and link, mission items that it reached, and each step of a command. Pure: time is an argument.
#pragma once

#include "server/commands/command.hpp"
#include "server/control/protocol.hpp"
#include "server/store/events.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

/// Rows come without `id` and `time`. Thread: any one at a time.
class VehicleNews {
  public:
    /// Only what the link says; what is first heard of a vehicle is no news. A vehicle that changes its mind
    /// more than once a second is told of once a second.
    [[nodiscard]] std::vector<store::EventRow> of(const control::Telemetry& message, Utc now);
    [[nodiscard]] std::optional<store::EventRow> of(const control::LinkReport& report);
    [[nodiscard]] std::optional<store::EventRow> of(const control::MissionProgress& progress, Utc now);

  private:
    struct Known {
        std::optional<std::string> mode;
        std::optional<bool> armed;
        Utc mode_told;
        Utc armed_told;
        std::optional<int> reached;
        Utc reached_told;
        std::optional<control::LinkState> link;
    };
    std::map<std::string, Known> vehicles_;
};

[[nodiscard]] store::EventRow news_of(const commands::Command& command);

} // namespace masthead::api
