// MispTime (ST 0603), its conversion to UTC, and its form in an H.264/H.265 SEI (ST 0604). The one file that
// converts.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/utc.hpp"

#include <cstdint>
#include <optional>

namespace masthead::klv {

/// Microseconds as they stand in item 2 and in the SEI.
struct MispTime {
    std::uint64_t us = 0;
    friend auto operator<=>(MispTime, MispTime) = default;
};

/// What a source means by item 2. Most encoders write POSIX time; the standard says MISP time (no leap
/// seconds: TAI - 8.000082 s, 29 s ahead of UTC since 2017).
enum class TimeSystem : std::uint8_t { posix, misp };

/// The latest instant that any conversion here gives, so that instants may be subtracted without overflow.
inline constexpr Utc kLastUtc{253'402'300'799'000'000}; // 9999-12-31T23:59:59Z

/// `leap_seconds` is item 136 (signed seconds to add to MISP time to get UTC, -29 since 2017; without it the
/// table of leap seconds is used); ignored for posix. `correction_us` is item 137. The result is kept within
/// 1970..kLastUtc.
[[nodiscard]] Utc to_utc(MispTime time, TimeSystem system, std::optional<int> leap_seconds = std::nullopt,
                         std::int64_t correction_us = 0) noexcept;
[[nodiscard]] MispTime to_misp(Utc t, TimeSystem system) noexcept;

/// Which one a source means, told by item 136 being there (misp) or else by which lies closer to arrival.
[[nodiscard]] TimeSystem detect(MispTime time, bool has_leap_seconds, Utc arrival) noexcept;

/// ST 0604 time status byte.
struct SeiTime {
    MispTime time;
    bool locked = true;         // clock locked to absolute time (bit 7 clear)
    bool discontinuity = false; // bit 6
};

inline constexpr std::size_t kSeiPayloadSize = 28; // 16-byte id, status, 11 bytes of time

enum class VideoCodec : std::uint8_t { h264, h265 };

/// The 28 bytes of the user_data_unregistered payload (no NAL header, no emulation prevention).
[[nodiscard]] Bytes encode_sei_payload(const SeiTime& time, VideoCodec codec);
/// `payload` is id + user data (28 bytes). Nothing when it is some other user data or its marker bytes are
/// wrong. H.265's nanosecond form is divided down to microseconds.
[[nodiscard]] std::optional<SeiTime> decode_sei_payload(ByteSpan payload) noexcept;

} // namespace masthead::klv
