// The door of every telemetry link: one configured protocol connection, over which one or more vehicles
// speak. A link lives in a GMainContext; everything is called, and calls back, on that context's thread.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/commands/mission.hpp"
#include "plugins/telemetry/sample.hpp"

#include <glib.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead {

/// Who is speaking on a link, as the protocol says it: MAVLink system id "1", AIS MMSI "244123456", "own" for
/// the ship that a NMEA 0183 feed belongs to, the MQTT topic's vehicle part.
using LinkAddress = std::string;

enum class LinkState : std::uint8_t {
    connecting,
    up,
    silent,
    down
}; // silent: connected, nothing good for 3 s

struct LinkCounters {
    std::uint64_t bytes_in = 0;
    std::uint64_t messages_in = 0;      // decoded and used
    std::uint64_t messages_unknown = 0; // well formed, of no use here
    std::uint64_t bad_checksum = 0;
    std::uint64_t malformed = 0; // half sentences, wrong lengths, text that is none
    std::uint64_t refused = 0;   // without a valid signature where one is required
    std::uint64_t dropped = 0;   // good ones given up because this side was too slow
    std::uint64_t bytes_out = 0;
    friend bool operator==(const LinkCounters&, const LinkCounters&) = default;
};

struct LinkCommand {
    std::string id;
    LinkAddress target;  // explicit, never a broadcast
    std::string command; // of plugins/commands/table.hpp
    Utc deadline;        // not sent after this
    commands::Arguments arguments = {};
    commands::Kinds kind = commands::kDrone;       // one: of the vehicle
    std::vector<commands::MissionItem> items = {}; // of a mission that is uploaded
};

enum class CommandState : std::uint8_t {
    sent, // once more each time that it is sent again
    accepted,
    in_progress,
    completed,
    denied,
    failed,
    expired,
    cancelled
};

struct CommandUpdate {
    std::string id;
    CommandState state = CommandState::sent;
    std::string detail;      // the vehicle's own words or code: "MAV_RESULT_TEMPORARILY_REJECTED"
    std::string target = {}; // sent: to whom, in the protocol's words: "system 1, component 1"
    int resends = 0;         // sent: how often it was sent again by the protocol's rule
    bool late = false;       // it had expired: what the vehicle said after all
};

/// How far a vehicle says it is in its mission. Items are counted from 0.
struct MissionProgress {
    std::optional<int> current; // it is on its way to this one
    std::optional<int> reached; // the last one that it told of
    std::optional<int> count;
    friend bool operator==(const MissionProgress&, const MissionProgress&) = default;
};

struct LinkEvents {
    std::function<void(const LinkAddress&, const Sample&)> sample;
    std::function<void(LinkState, const std::string& detail)> state;
    std::function<void(const CommandUpdate&)> command;
    /// The mission that a vehicle holds, read from it for the command of that id.
    std::function<void(const LinkAddress&, const std::string& command,
                       const std::vector<commands::MissionItem>&)>
        mission;
    std::function<void(const LinkAddress&, const MissionProgress&)> mission_progress;
};

class Link {
  public:
    virtual ~Link() = default;
    /// Begins connecting or listening; reconnects by itself with back-off (0.5 s to 10 s) until destroyed.
    virtual Result<void> start() = 0;
    /// Sends once, and again only as often as the command's row allows, saying so each time; what a mission's
    /// transfer says again is its protocol's. Answers come through LinkEvents::command. Errors: expired,
    /// conflict (an acknowledgement could not be told from that of an earlier command yet), unavailable (no
    /// peer yet, or not the component it is for), unsupported (the protocol has no such command),
    /// invalid_argument (target missing or a broadcast, or an argument that this vehicle does not know).
    virtual Result<void> send(const LinkCommand& command) = 0;
    [[nodiscard]] virtual LinkCounters counters() const = 0;
};

/// `uri`: mavlink+udp://HOST:PORT (listens; answers go to where the vehicle last spoke from),
/// mavlink+udpout://HOST:PORT, mavlink+tcp://HOST:PORT (signed with ?signing-key-file= or ?signing-key-env=,
/// see mavlink/signing.hpp), nmea+tcp://HOST:PORT, nmea+udp://HOST:PORT (listens),
/// mqtt://[USER@]HOST:PORT/TOPIC (password from the environment variable or file named in ?password-env= or
/// ?password-file=), mqtts://. Multicast groups are joined. Callbacks run on `context`'s thread (nullptr: the
/// default one). Error: invalid_argument naming the part of the URI that is wrong.
[[nodiscard]] Result<std::unique_ptr<Link>> open_link(const std::string& uri, LinkEvents events,
                                                      GMainContext* context = nullptr);

} // namespace masthead
