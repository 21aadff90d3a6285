// Telemetry logs: files of what a vehicle said, as ground stations, plotters, spreadsheets and cameras leave
// them, read as samples.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/result.hpp"
#include "plugins/telemetry/sample.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace masthead::logs {

enum class Kind : std::uint8_t {
    tlog, // MAVLink with a time before each packet
    nmea, // NMEA 0183 text
    csv,  // a table with a line of names
    srt,  // subtitles of a DJI camera
};

/// "a MAVLink log (tlog)", for people.
[[nodiscard]] const char* name_of(Kind kind) noexcept;

/// What was wrong with a log that could still be read: the first twenty in words, and how many more.
class Warnings {
  public:
    void add(std::string warning);
    [[nodiscard]] std::vector<std::string> texts() const;

  private:
    std::vector<std::string> first_;
    std::size_t more_ = 0;
};

struct LogFacts {
    Kind kind = Kind::tlog;
    std::size_t samples = 0;
    /// The samples' times count from the video's first frame on; `local_begin` is then when that was, in the
    /// local time of whoever wrote the log.
    bool from_first_frame = false;
    std::optional<Utc> local_begin;
    std::vector<std::string> warnings;
};

/// Samples come about in the order of their times.
using TakeSample = std::function<void(const Sample&)>;

/// Told by the content; names of files are not believed.
[[nodiscard]] std::optional<Kind> kind_of(ByteSpan log);

/// Lines and packets that are wrong are warnings. Errors: unsupported (no kind of log), malformed (nothing in
/// it says where the vehicle was when; the sentence says what is missing).
[[nodiscard]] Result<LogFacts> read_log(ByteSpan log, const TakeSample& take);

} // namespace masthead::logs
