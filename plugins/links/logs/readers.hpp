// The reader of each kind of log. `facts.kind` is set by the caller, `facts.samples` and the warnings too.
#pragma once

#include "plugins/links/logs/telemetry_log.hpp"

#include <string_view>

namespace masthead::logs {

/// Errors: malformed, as read_log().
[[nodiscard]] Result<void> read_tlog(ByteSpan log, const TakeSample& take, Warnings& warnings);
[[nodiscard]] Result<void> read_nmea(ByteSpan log, const TakeSample& take, Warnings& warnings);
[[nodiscard]] Result<void> read_csv(std::string_view log, const TakeSample& take, LogFacts& facts,
                                    Warnings& warnings);
[[nodiscard]] Result<void> read_srt(std::string_view log, const TakeSample& take, LogFacts& facts,
                                    Warnings& warnings);

/// Whether the bytes begin like one.
[[nodiscard]] bool is_tlog(ByteSpan log);
[[nodiscard]] bool is_nmea(std::string_view log);
[[nodiscard]] bool is_csv(std::string_view log);
[[nodiscard]] bool is_srt(std::string_view log);

} // namespace masthead::logs
