// Any text as a telemetry sample in JSON: what is taken stays within its ranges and comes back as it went.
#include "plugins/telemetry/fields.hpp"
#include "plugins/telemetry/footprint.hpp"
#include "plugins/telemetry/sample.hpp"
#include "plugins/telemetry/track.hpp"

#include <cstdlib>

using namespace masthead;

namespace {

/// A broken promise; abort() is what libFuzzer and the replay take as a finding.
void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr Utc kArrival{1'700'000'000'000'000};
    const auto sample = sample_from_json({reinterpret_cast<const char*>(data), size}, kArrival);
    if (!sample) {
        require(!sample.error().message.empty());
        return 0;
    }
    for (const NumberField& field : kNumberFields) {
        const auto& value = *sample.*field.member;
        require(!value || (*value >= field.min && *value <= field.max));
    }
    const auto again = sample_from_json(to_json(*sample), Utc{0});
    require(again && *again == *sample);

    klv::LocalSet set = to_local_set(*sample);
    add_footprint(set);
    require(klv::encode(set).has_value());
    Track track;
    track.add(set, sample->time);
    (void)track.at(sample->time);
    (void)merged(*sample, from_local_set(set, sample->time));
    return 0;
}
