// MAVLink logs of ground stations: before each packet, microseconds UTC in eight bytes, most significant
// first.
#include "plugins/links/limits.hpp"
#include "plugins/links/logs/readers.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/mavlink/vehicle.hpp"

#include <algorithm>
#include <map>

namespace masthead::logs {

namespace {

using mavlink::Message;
using mavlink::Reading;

constexpr std::size_t kStampBytes = 8;
constexpr std::uint64_t kYear2000Us = 946'684'800'000'000;
constexpr std::uint64_t kYear2100Us = 4'102'444'800'000'000;
constexpr std::size_t kLookedAt = 4096; // of a log's beginning

struct Entry {
    Utc time;
    mavlink::ReadPacket packet;
    std::size_t size = 0; // with its stamp
};

/// The entry that `rest` begins with; nothing where none begins.
std::optional<Entry> entry_at(ByteSpan rest) {
    const auto stamp = ByteReader(rest).uint_be(kStampBytes);
    if (!stamp || *stamp < kYear2000Us || *stamp > kYear2100Us) {
        return std::nullopt;
    }
    Entry entry{.time = {static_cast<std::int64_t>(*stamp)},
                .packet = mavlink::read_packet(rest.subspan(kStampBytes)),
                .size = 0};
    entry.size = kStampBytes + entry.packet.size;
    const bool whole = entry.packet.reading == Reading::message || entry.packet.reading == Reading::unknown;
    return whole ? std::optional(entry) : std::nullopt;
}

/// Calls `take` for each entry; counts stretches of bytes that are none.
std::size_t walk(ByteSpan log, const std::function<void(const Entry&)>& take) {
    std::size_t damages = 0;
    bool in_step = true;
    for (std::size_t at = 0; at < log.size();) {
        const auto entry = entry_at(log.subspan(at));
        if (entry) {
            take(*entry);
        }
        damages += !entry && in_step ? 1 : 0;
        in_step = entry.has_value();
        at += entry ? entry->size : 1;
    }
    return damages;
}

bool has_autopilot(const Message& message) {
    mavlink::Vehicle vehicle;
    (void)vehicle.receive(message, Utc{});
    return vehicle.autopilot().has_value();
}

/// Of several vehicles in a log the one that says most.
std::optional<std::uint8_t> busiest_system(ByteSpan log, std::size_t& damages, Warnings& warnings) {
    std::map<std::uint8_t, std::size_t> vehicles;
    damages = walk(log, [&](const Entry& entry) {
        const Message& message = entry.packet.message;
        if (entry.packet.reading != Reading::message) {
            return;
        }
        if (const auto known = vehicles.find(message.system); known != vehicles.end()) {
            ++known->second;
        } else if (message.id == mavlink::heartbeat::kId && has_autopilot(message)) {
            vehicles.emplace(message.system, 1);
        }
    });
    const auto most =
        std::ranges::max_element(vehicles, {}, [](const auto& system) { return system.second; });
    if (most == vehicles.end()) {
        return std::nullopt;
    }
    for (const auto& [system, messages] : vehicles) {
        if (system != most->first) {
            warnings.add("system " + std::to_string(system) + " (" + std::to_string(messages) +
                         " messages) is in it too and is left out");
        }
    }
    return most->first;
}

} // namespace

bool is_tlog(ByteSpan log) {
    // Garbage may look like a packet that is unknown; a checksum that is right is no chance.
    const ByteSpan beginning = log.first(std::min(log.size(), kLookedAt));
    for (std::size_t at = 0; at + kStampBytes < beginning.size(); ++at) {
        const auto entry = entry_at(beginning.subspan(at));
        if (entry && entry->packet.reading == Reading::message) {
            return true;
        }
    }
    return false;
}

Result<void> read_tlog(ByteSpan log, const TakeSample& take, Warnings& warnings) {
    std::size_t damages = 0;
    const auto system = busiest_system(log, damages, warnings);
    if (!system) {
        return fail(Code::malformed, "no vehicle's autopilot speaks in this MAVLink log (no HEARTBEAT)");
    }
    if (damages > 0) {
        warnings.add(std::to_string(damages) + " damaged places were gone over");
    }
    mavlink::Vehicle vehicle;
    (void)walk(log, [&](const Entry& entry) {
        if (entry.packet.reading != Reading::message || entry.packet.message.system != *system) {
            return;
        }
        if (const auto samples = vehicle.receive(entry.packet.message, entry.time)) {
            std::ranges::for_each(*samples, take);
        }
    });
    return {};
}

} // namespace masthead::logs
