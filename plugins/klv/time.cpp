#include "plugins/klv/time.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

namespace masthead::klv {

namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// TAI - UTC since 1972 (IERS Bulletin C): from this POSIX second on, MISP time is this many whole seconds
/// ahead of UTC: TAI - UTC less the 8 s by which ST 0603 sets MISP time back (its 82 us belong to the years
/// before 1972).
struct LeapStep {
    std::int64_t utc_s;
    int ahead_s;
};

constexpr std::array<LeapStep, 28> kLeapSteps{{
    {63072000, 2},    {78796800, 3},    {94694400, 4},    {126230400, 5},   {157766400, 6},  {189302400, 7},
    {220924800, 8},   {252460800, 9},   {283996800, 10},  {315532800, 11},  {362793600, 12}, {394329600, 13},
    {425865600, 14},  {489024000, 15},  {567993600, 16},  {631152000, 17},  {662688000, 18}, {709948800, 19},
    {741484800, 20},  {773020800, 21},  {820454400, 22},  {867715200, 23},  {915148800, 24}, {1136073600, 25},
    {1230768000, 26}, {1341100800, 27}, {1435708800, 28}, {1483228800, 29},
}};

/// Whole seconds that MISP time is ahead of UTC at a UTC instant.
int ahead_at(std::int64_t utc_us) noexcept {
    int ahead = 0;
    for (const LeapStep& step : kLeapSteps) {
        if (utc_us < step.utc_s * kSecond) {
            break;
        }
        ahead = step.ahead_s;
    }
    return ahead;
}

std::int64_t limited(std::uint64_t us) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(us, static_cast<std::uint64_t>(kLastUtc.us)));
}

constexpr std::array<std::uint8_t, 16> kH264Id{'M', 'I', 'S', 'P', 'm', 'i', 'c', 'r',
                                               'o', 's', 'e', 'c', 't', 'i', 'm', 'e'};
constexpr std::array<std::uint8_t, 16> kH265MicrosecondId{0xA8, 0x68, 0x7D, 0xD4, 0xD7, 0x59, 0x37, 0x58,
                                                          0xA5, 0xCE, 0xF0, 0x33, 0x8B, 0x65, 0x45, 0xF1};
constexpr std::array<std::uint8_t, 16> kH265NanosecondId{0xCF, 0x84, 0x82, 0x78, 0xEE, 0x23, 0x30, 0x6C,
                                                         0x92, 0x65, 0xE8, 0xFE, 0xF2, 0x2F, 0xB8, 0xB8};

constexpr std::size_t kIdSize = 16;
constexpr unsigned kNotLocked = 0x80;
constexpr unsigned kDiscontinuity = 0x40;
constexpr unsigned kReservedStatusBits = 0x1F;
constexpr std::byte kMarker{0xFF};

bool is_marker_position(std::size_t position) noexcept { return position % 3 == 2; }

bool begins_with(ByteSpan payload, const std::array<std::uint8_t, 16>& id) noexcept {
    const auto bytes = std::as_bytes(std::span(id));
    return std::equal(bytes.begin(), bytes.end(), payload.begin());
}

} // namespace

Utc to_utc(MispTime time, TimeSystem system, std::optional<int> leap_seconds,
           std::int64_t correction_us) noexcept {
    std::int64_t us = limited(time.us);
    us += std::clamp(correction_us, -kLastUtc.us, kLastUtc.us);
    if (system == TimeSystem::misp) {
        if (leap_seconds) {
            us += *leap_seconds * kSecond;
        } else {
            // A step lies at the same distance from UTC on both scales, so one look back is exact but for the
            // second that is being inserted.
            us -= ahead_at(us - ahead_at(us) * kSecond) * kSecond;
        }
    }
    return {std::clamp<std::int64_t>(us, 0, kLastUtc.us)};
}

MispTime to_misp(Utc t, TimeSystem system) noexcept {
    const std::int64_t us = std::clamp<std::int64_t>(t.us, 0, kLastUtc.us);
    return {static_cast<std::uint64_t>(us + (system == TimeSystem::misp ? ahead_at(us) * kSecond : 0))};
}

TimeSystem detect(MispTime time, bool has_leap_seconds, Utc arrival) noexcept {
    if (has_leap_seconds) {
        return TimeSystem::misp;
    }
    const std::int64_t now = std::clamp<std::int64_t>(arrival.us, 0, kLastUtc.us);
    const auto distance = [&](TimeSystem system) { return std::abs(to_utc(time, system).us - now); };
    return distance(TimeSystem::misp) < distance(TimeSystem::posix) ? TimeSystem::misp : TimeSystem::posix;
}

Bytes encode_sei_payload(const SeiTime& time, VideoCodec codec) {
    ByteWriter writer;
    writer.append(std::as_bytes(std::span(codec == VideoCodec::h264 ? kH264Id : kH265MicrosecondId)));
    writer.u8(static_cast<std::uint8_t>(kReservedStatusBits | (time.locked ? 0U : kNotLocked) |
                                        (time.discontinuity ? kDiscontinuity : 0U)));
    for (int shift = 48; shift >= 0; shift -= 16) {
        writer.uint_be(time.time.us >> shift, 2);
        if (shift > 0) {
            writer.append(ByteSpan(&kMarker, 1));
        }
    }
    return writer.release();
}

std::optional<SeiTime> decode_sei_payload(ByteSpan payload) noexcept {
    if (payload.size() != kSeiPayloadSize) {
        return std::nullopt;
    }
    const bool nanoseconds = begins_with(payload, kH265NanosecondId);
    if (!nanoseconds && !begins_with(payload, kH264Id) && !begins_with(payload, kH265MicrosecondId)) {
        return std::nullopt;
    }
    const auto status = std::to_integer<unsigned>(payload[kIdSize]);
    const ByteSpan digits = payload.subspan(kIdSize + 1);
    std::uint64_t ticks = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (!is_marker_position(i)) {
            ticks = ticks << 8 | std::to_integer<std::uint64_t>(digits[i]);
        } else if (digits[i] != kMarker) {
            return std::nullopt;
        }
    }
    return SeiTime{
        {nanoseconds ? ticks / 1000 : ticks}, (status & kNotLocked) == 0, (status & kDiscontinuity) != 0};
}

} // namespace masthead::klv
