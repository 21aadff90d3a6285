// Any bytes through the MAVLink reader, cut at any place, into vehicles; what was read is written and read
// again.
#include "plugins/links/mavlink/framer.hpp"
#include "plugins/links/mavlink/signing.hpp"
#include "plugins/links/mavlink/vehicle.hpp"

#include <cmath>
#include <cstdlib>
#include <map>

using namespace masthead;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Packets found, the same however the bytes are cut.
std::size_t read_in_pieces(ByteSpan bytes, std::size_t size) {
    mavlink::Framer framer;
    LinkCounters counters;
    std::size_t messages = 0;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        const ByteSpan piece = bytes.subspan(at, std::min(size, bytes.size() - at));
        framer.push(piece, counters, [&](const mavlink::Message&) { ++messages; });
    }
    return messages;
}

void check_message(const mavlink::Message& message) {
    mavlink::Message copy = message;
    if (copy.version == mavlink::Version::v1) {
        const auto kept = mavlink::message_row(copy.id)->base_length;
        std::fill(copy.payload.begin() + kept, copy.payload.end(), std::byte{0});
    }
    const Bytes packet = mavlink::write_packet(copy);
    const mavlink::ReadPacket again = mavlink::read_packet(packet);
    require(again.reading == mavlink::Reading::message && again.size == packet.size());
    require(again.message.payload == copy.payload && again.message.id == copy.id);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span(data, size));
    mavlink::Framer framer;
    LinkCounters counters;
    std::map<std::uint8_t, mavlink::Vehicle> vehicles;
    Utc now{1'795'350'896'000'000};
    mavlink::Signing signing(mavlink::SigningSettings{.key = {std::byte{0x5A}}});
    framer.push_datagram(bytes, counters, [&](const mavlink::Message& message) {
        check_message(message);
        require(signing.judge(message, framer.packet(), now) != mavlink::Verdict::good); // nobody has the key
        now.us += 20'000;
        const auto samples = vehicles[message.system].receive(message, now);
        for (const Sample& sample : samples.value_or(std::vector<Sample>())) {
            require(sample.latitude_deg.has_value() == sample.longitude_deg.has_value());
            require(!sample.latitude_deg || std::abs(*sample.latitude_deg) <= 90);
            require(!sample.camera_azimuth_deg ||
                    (*sample.camera_azimuth_deg >= 0 && *sample.camera_azimuth_deg <= 360));
            require(!to_json(sample).empty());
        }
    });
    require(read_in_pieces(bytes, 1) == read_in_pieces(bytes, 37));
    return 0;
}
