// ST 0601 UAS Datalink local set: bytes <-> items <-> values. Items are kept as bytes; a value is decoded
// when asked for, by the row of schema/misb/st0601.json that the tag has. Unknown items are kept and written
// back.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/klv/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::klv {

using Tag = std::uint32_t; // BER-OID, at most 5 bytes

/// How an item's bytes are a value (generated from the table: see st0601_rows.hpp).
enum class Wire : std::uint8_t {
    uint_fixed,   // unsigned integer of the row's length
    sint_fixed,   // two's complement of the row's length
    uint_var,     // unsigned, row's min..max bytes
    sint_var,     // signed, row's min..max bytes
    lin_unsigned, // ST 0601 linear map of uN on min..max, no special value
    lin_signed,   // ST 0601 linear map of sN on -R..R, 0x80.. is special
    imapb,        // ST 1201 IMAPB(min, max, item length)
    utf8,
    raw, // a structured item (set, pack, list): kept as bytes for now
};

/// What may be done with a value between two instants.
enum class Blend : std::uint8_t {
    hold,    // names, enums, flags, structures: the newest one stands
    instant, // of its own packet's instant and no other: targets in a picture, commands, amendments
    linear,
    wrap_360, // degrees on a circle, 0..360
    wrap_180, // degrees on a circle, -180..180
};

/// What the code 0x80.. of a lin_signed item says instead of a number.
enum class Special : std::uint8_t {
    none,         // the row has no such code
    out_of_range, // the value lies outside the row's range
    error,
    off_earth, // the point is not on the ground ("error" in older revisions)
};

struct Row {
    Tag tag;
    std::string_view name; // "Sensor Latitude"
    std::string_view key;  // "sensor_latitude": the name in JSON and in TypeScript
    Wire wire;
    std::uint8_t min_length;   // bytes
    std::uint8_t max_length;   // bytes; 255 = as long as BER allows (structured), 127 for text
    std::uint8_t write_length; // bytes we write; variable integers grow from it as the value needs
    double min;
    double max;
    std::string_view unit; // "deg", "m", "m/s", "" ...
    double resolution;     // at write_length; 0 where it has no meaning
    Blend blend;
    Special special;
    bool repeats; // may stand more than once in a packet
};

/// The row of a tag 1..143, or nullptr.
[[nodiscard]] const Row* row(Tag tag) noexcept;

struct Item {
    Tag tag = 0;
    Bytes value; // empty = zero-length item: "value is now unknown"
};

/// What was wrong with a packet that could still be read. Seen by the user, never hidden.
struct Flaws {
    bool checksum_missing = false;
    bool checksum_wrong = false;
    bool time_not_first = false;
    bool checksum_not_last = false;
    bool repeated_item = false; // a tag twice that may stand only once; the last one counts
    bool cut_short = false;     // a structural error inside: the items before it are here
    [[nodiscard]] bool any() const noexcept {
        return checksum_missing || checksum_wrong || time_not_first || checksum_not_last || repeated_item ||
               cut_short;
    }
};

/// One ST 0601 local set. A value type; thread: any one at a time.
class LocalSet {
  public:
    /// Items in their order, without the checksum (item 1).
    [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    [[nodiscard]] bool has(Tag tag) const noexcept { return find(tag) != nullptr; }
    [[nodiscard]] const Item* find(Tag tag) const noexcept;

    /// Numeric value in the row's unit. Nothing when the item is absent, of zero length, of a wrong length, a
    /// special value (out of range, error, off-earth), or not numeric.
    [[nodiscard]] std::optional<double> number(Tag tag) const;
    /// Exact integer for uint/sint rows.
    [[nodiscard]] std::optional<std::int64_t> integer(Tag tag) const;
    /// Valid UTF-8 (broken sequences become U+FFFD); nothing when absent or of zero length.
    [[nodiscard]] std::optional<std::string> text(Tag tag) const;
    /// Item 2 as it stands.
    [[nodiscard]] std::optional<MispTime> time() const;

    /// Replaces or appends. Errors: invalid_argument (value outside the row's range where it has no special
    /// code for that, text longer than the row allows, tag without a numeric row); NaN and infinity are
    /// refused. Half a step outside the range counts as its end. Item 1 is not set: encode() makes it.
    [[nodiscard]] Result<void> set_number(Tag tag, double value);
    [[nodiscard]] Result<void> set_integer(Tag tag, std::int64_t value);
    [[nodiscard]] Result<void> set_text(Tag tag, std::string_view value);
    void set_raw(Tag tag, ByteSpan value);
    /// Appends even when the tag is there already (100, 101, 102, 115 may repeat).
    void append_raw(Tag tag, ByteSpan value);
    void set_time(MispTime time);
    void remove(Tag tag);

  private:
    friend struct Parser;
    std::vector<Item> items_;
};

struct Packet {
    LocalSet set;
    Flaws flaws;
    std::size_t size = 0; // bytes of the whole packet, key to last byte
};

/// Reads the packet that `bytes` begins with (16-byte key, BER length, value, checksum). Bytes after it are
/// left alone. Errors: malformed (not the ST 0601 key, bad length), truncated (more bytes are needed),
/// too_large (over 64 KiB).
[[nodiscard]] Result<Packet> parse(ByteSpan bytes);

/// Whole packet: key, length, item 2 first, the other items in their order, item 65 (version 17) added if
/// absent, checksum last. Error: invalid_argument without item 2; too_large over 64 KiB.
[[nodiscard]] Result<Bytes> encode(const LocalSet& set);

/// The 16-byte key of an ST 0601 local set.
[[nodiscard]] ByteSpan st0601_key() noexcept;

} // namespace masthead::klv
