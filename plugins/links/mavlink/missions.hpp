// Missions: the mission protocol on one link: a transfer a vehicle, and how far each vehicle is.
#pragma once

#include "plugins/glib/timer.hpp"
#include "plugins/links/link.hpp"
#include "plugins/links/mavlink/mission_transfer.hpp"
#include "plugins/links/mavlink/vehicle.hpp"

#include <functional>
#include <map>
#include <string>

namespace masthead::mavlink {

struct MissionsEvents {
    /// Sends it to where that system last spoke from; `say` too is always there.
    std::function<Result<void>(const Message&, std::uint8_t system)> write;
    std::function<void(const CommandUpdate&)> say;
    std::function<void(const LinkAddress&, const std::string& command,
                       const std::vector<commands::MissionItem>&)>
        held;
    std::function<void(const LinkAddress&, const MissionProgress&)> progress;
};

/// Lives on the context's thread. Messages are those of vehicles, for us or for everyone.
class Missions {
  public:
    Missions(GMainContext* context, MissionsEvents events);

    /// Begins what `row` asks for. `vehicle` has an autopilot. Errors: as Link::send().
    [[nodiscard]] Result<void> begin(const LinkCommand& command, const commands::Row& row,
                                     std::uint8_t system, const Vehicle& vehicle);
    /// It is one of the protocol's.
    [[nodiscard]] static bool takes(const Message& message);
    void take(const Message& message, const Vehicle& vehicle);

  private:
    struct Running {
        std::string command;
        commands::Kinds kind;
        MissionTransfer transfer;
        Utc told; // of its progress
    };
    void take_progress(const Message& message, const Vehicle& vehicle);
    void carry_out(std::uint8_t system, const MissionTransfer::Step& step);
    void finish(std::uint8_t system, const MissionTransfer::Outcome& outcome);
    void due();
    void plan();

    MissionsEvents events_;
    Timer timer_;
    std::map<std::uint8_t, Running> running_; // by system
    std::map<std::uint8_t, MissionProgress> progress_;
};

} // namespace masthead::mavlink
