// NMEA 0183 sentences: lines out of bytes, fields out of lines. Source: IEC 61162-1.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/links/link.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::nmea {

/// "$GPRMC,..." : talker "GP", type "RMC", the fields after it. Borrows the line.
struct Sentence {
    std::string_view talker;
    std::string_view type;
    std::vector<std::string_view> fields;

    /// "" for a field that is not there.
    [[nodiscard]] std::string_view field(std::size_t index) const noexcept {
        return index < fields.size() ? fields[index] : std::string_view();
    }
    /// A finite decimal number; nothing when the field is empty, absent or none.
    [[nodiscard]] std::optional<double> number(std::size_t index) const noexcept;
};

/// One line without its end, tag blocks before the sentence allowed and skipped. The checksum must be there
/// (mandatory since 3.01: without it a half sentence looks whole). Counts what is wrong into `counters`.
[[nodiscard]] std::optional<Sentence> parse_sentence(std::string_view line, LinkCounters& counters);

/// When a line was received, as the tag block before it says ("c:" in seconds or milliseconds).
[[nodiscard]] std::optional<Utc> tag_time(std::string_view line);

/// "$" + body + "*hh\r\n"; `start` is '$', or '!' for AIS.
[[nodiscard]] std::string write_sentence(std::string_view body, char start = '$');

/// Cuts a stream into lines at CR or LF. Keeps at most 1,024 bytes; the rest of a longer line is dropped and
/// counted once. Thread: any one at a time.
class LineFramer {
  public:
    using Take = std::function<void(std::string_view line)>;

    void push(ByteSpan bytes, LinkCounters& counters, const Take& take);
    /// The end of a datagram ends a line too.
    void finish(const Take& take);

  private:
    std::string line_;
    bool too_long_ = false;
};

} // namespace masthead::nmea
