// VehicleLinks: the links of a worker's vehicles: who said what, commands out, state and counters.
#pragma once

#include "plugins/glib/timer.hpp"
#include "plugins/links/link.hpp"
#include "server/control/protocol.hpp"
#include "server/worker/address_book.hpp"
#include "server/worker/command_log.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::worker {

struct VehicleLinksEvents {
    std::function<void(const std::string& vehicle, const Sample&)> sample;
    std::function<void(const std::string& uri, const LinkAddress&, const Sample&)> traffic;
    std::function<void(const control::LinkReport&)> report;
    std::function<void(const control::CommandProgress&)> command;
    std::function<void(const control::MissionHeld&)> mission;
    std::function<void(const control::MissionProgress&)> mission_progress;
};

/// Belongs to the main thread, calls back there. Vehicles that name the same URI share its link.
class VehicleLinks {
  public:
    VehicleLinks(const std::vector<control::WorkerVehicle>& vehicles, VehicleLinksEvents events);

    /// Opens all links; one that cannot be opened is said in its vehicles' state.
    void start();
    /// Sends it once, by the vehicle's control link if it has one. What becomes of it follows as
    /// events.command. A known id is dropped without a word: its first sending answers.
    void send(const control::Command& command, Utc now);

  private:
    struct Road { // one link
        std::string uri;
        std::unique_ptr<Link> link;
        AddressBook book;
        LinkState state = LinkState::connecting;
        std::string detail;
    };
    struct Seats { // one vehicle
        std::string id;
        commands::Kinds kind = 0;       // one
        Road* link = nullptr;           // of roads_
        Road* control = nullptr;        // of roads_
        std::optional<gint64> heard_us; // monotonic
        std::optional<control::LinkReport> reported;
    };

    Road* road(const control::WorkerLink& link, const std::string& vehicle);
    void open(Road& road);
    void take(Road& road, const LinkAddress& address, const Sample& sample);
    void report_changes();
    [[nodiscard]] control::LinkReport report_of(const Seats& vehicle) const;
    void answer(const std::string& command, control::CommandState state, const std::string& detail);

    VehicleLinksEvents events_;
    std::map<std::string, std::unique_ptr<Road>> roads_; // by URI
    std::vector<Seats> vehicles_;
    CommandLog commands_;
    Timer tick_; // once a second
};

} // namespace masthead::worker
