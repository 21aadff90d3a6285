// Any bytes as a telemetry log: each kind by its own beginning, and as it comes.
#include "plugins/links/logs/telemetry_log.hpp"
#include "plugins/telemetry/sample.hpp"

#include <cmath>
#include <cstdlib>
#include <string>

using namespace masthead;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(ByteSpan log) {
    std::size_t samples = 0;
    const auto facts = logs::read_log(log, [&](const Sample& sample) {
        ++samples;
        require(sample.latitude_deg.has_value() == sample.longitude_deg.has_value());
        require(!sample.latitude_deg || std::abs(*sample.latitude_deg) <= 90);
        require(!sample.heading_deg || (*sample.heading_deg >= 0 && *sample.heading_deg <= 360));
        require(!to_local_set(sample).empty());
    });
    require(!facts || (facts->samples == samples && samples > 0 && facts->warnings.size() <= 21));
    require(facts || !facts.error().message.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span(data, size));
    check(bytes);
    const std::string text(as_text(bytes));
    check(as_bytes("time,lat,lon,heading,gimbal_yaw,gimbal_pitch,alt(ft)\n" + text));
    check(as_bytes("1\n00:00:01,000 --> 00:00:02,000\n" + text));
    return 0;
}
