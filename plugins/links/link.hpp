// The door of every telemetry link: one configured protocol connection, over which one or more vehicles
// speak. A link lives in a GMainContext; everything is called, and calls back, on that context's thread.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
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
    std::uint64_t dropped = 0;   // good ones given up because this side was too slow
    std::uint64_t bytes_out = 0;
    friend bool operator==(const LinkCounters&, const LinkCounters&) = default;
};

enum class CommandKind : std::uint8_t { hold, return_home };

struct LinkCommand {
    std::string id;
    LinkAddress target; // explicit, never a broadcast
    CommandKind kind = CommandKind::hold;
    Utc deadline; // not sent after this
};

enum class CommandState : std::uint8_t { sent, accepted, in_progress, completed, denied, failed, expired };

struct CommandUpdate {
    std::string id;
    CommandState state = CommandState::sent;
    std::string detail; // the vehicle's own words or code: "MAV_RESULT_TEMPORARILY_REJECTED"
};

struct LinkEvents {
    std::function<void(const LinkAddress&, const Sample&)> sample;
    std::function<void(LinkState, const std::string& detail)> state;
    std::function<void(const CommandUpdate&)> command;
};

class Link {
  public:
    virtual ~Link() = default;
    /// Begins connecting or listening; reconnects by itself with back-off (0.5 s to 10 s) until destroyed.
    virtual Result<void> start() = 0;
    /// Sends once, never repeats by itself. Answers come through LinkEvents::command. Errors: expired,
    /// unavailable (no peer yet), unsupported (the protocol has no such command), invalid_argument (target
    /// missing or a broadcast).
    virtual Result<void> send(const LinkCommand& command) = 0;
    [[nodiscard]] virtual LinkCounters counters() const = 0;
};

/// `uri`: mavlink+udp://HOST:PORT (listens; answers go to where the vehicle last spoke from),
/// mavlink+udpout://HOST:PORT, mavlink+tcp://HOST:PORT, nmea+tcp://HOST:PORT, nmea+udp://HOST:PORT (listens),
/// mqtt://[USER@]HOST:PORT/TOPIC (password from the environment variable or file named in ?password-env= or
/// ?password-file=), mqtts://. Multicast groups are joined. Callbacks run on `context`'s thread (nullptr: the
/// default one). Error: invalid_argument naming the part of the URI that is wrong.
[[nodiscard]] Result<std::unique_ptr<Link>> open_link(const std::string& uri, LinkEvents events,
                                                      GMainContext* context = nullptr);

} // namespace masthead
