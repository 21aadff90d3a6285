#include "plugins/klv/local_set.hpp"

#include "plugins/klv/ber.hpp"
#include "plugins/klv/checksum.hpp"
#include "plugins/klv/key.hpp"
#include "plugins/klv/st0601_rows.hpp"
#include "plugins/klv/values.hpp"

#include <algorithm>
#include <unordered_map>

namespace masthead::klv {

namespace {

constexpr Tag kChecksum = 1;
constexpr Tag kTime = 2;
constexpr Tag kVersion = 65;
constexpr std::size_t kChecksumItemSize = 4;

Result<const Row*> known_row(Tag tag) {
    const Row* found = row(tag);
    if (!found || tag == kChecksum) {
        return fail(Code::invalid_argument,
                    "item " + std::to_string(tag) + " is not one that can be set by value");
    }
    return found;
}

void put(std::vector<Item>& items, Tag tag, Bytes value) {
    const auto at =
        std::find_if(items.begin(), items.end(), [tag](const Item& item) { return item.tag == tag; });
    if (at != items.end()) {
        at->value = std::move(value);
    } else {
        items.push_back({tag, std::move(value)});
    }
}

void write_item(ByteWriter& writer, Tag tag, ByteSpan value) {
    write_ber_oid(writer, tag);
    write_ber_length(writer, value.size());
    writer.append(value);
}

std::uint16_t read_u16(ByteSpan two) noexcept {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(two[0]) << 8 |
                                      std::to_integer<unsigned>(two[1]));
}

} // namespace

const Row* row(Tag tag) noexcept {
    return tag >= 1 && tag <= kSt0601RowCount ? &kSt0601Rows[tag - 1] : nullptr;
}

ByteSpan st0601_key() noexcept { return std::as_bytes(std::span(kSt0601Key)); }

const Item* LocalSet::find(Tag tag) const noexcept {
    const auto at =
        std::find_if(items_.begin(), items_.end(), [tag](const Item& item) { return item.tag == tag; });
    return at != items_.end() ? &*at : nullptr;
}

std::optional<double> LocalSet::number(Tag tag) const {
    const Item* item = find(tag);
    const Row* found = row(tag);
    return item && found ? decode_number(*found, item->value) : std::nullopt;
}

std::optional<std::int64_t> LocalSet::integer(Tag tag) const {
    const Item* item = find(tag);
    const Row* found = row(tag);
    return item && found ? decode_integer(*found, item->value) : std::nullopt;
}

std::optional<std::string> LocalSet::text(Tag tag) const {
    const Item* item = find(tag);
    const Row* found = row(tag);
    if (!item || !found || found->wire != Wire::utf8 || item->value.empty()) {
        return std::nullopt;
    }
    return valid_utf8(item->value);
}

std::optional<MispTime> LocalSet::time() const {
    const Item* item = find(kTime);
    if (!item || item->value.size() != 8) {
        return std::nullopt;
    }
    return MispTime{*ByteReader(item->value).uint_be(8)};
}

Result<void> LocalSet::set_number(Tag tag, double value) {
    const auto found = known_row(tag);
    if (!found) {
        return tl::unexpected(found.error());
    }
    auto bytes = encode_number(**found, value, (*found)->write_length);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    put(items_, tag, *std::move(bytes));
    return {};
}

Result<void> LocalSet::set_integer(Tag tag, std::int64_t value) {
    const auto found = known_row(tag);
    if (!found) {
        return tl::unexpected(found.error());
    }
    auto bytes = encode_integer(**found, value);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    put(items_, tag, *std::move(bytes));
    return {};
}

Result<void> LocalSet::set_text(Tag tag, std::string_view value) {
    const auto found = known_row(tag);
    if (!found) {
        return tl::unexpected(found.error());
    }
    const std::string name = "item " + std::to_string(tag) + " (" + std::string((*found)->name) + "): ";
    if ((*found)->wire != Wire::utf8) {
        return fail(Code::invalid_argument, name + "takes no text");
    }
    if (value.size() > (*found)->max_length) {
        return fail(Code::invalid_argument, name + "at most " + std::to_string((*found)->max_length) +
                                                " bytes are taken, not " + std::to_string(value.size()));
    }
    const ByteSpan bytes = as_bytes(value);
    if (valid_utf8(bytes) != value) {
        return fail(Code::invalid_argument, name + "valid UTF-8 is wanted");
    }
    put(items_, tag, Bytes(bytes.begin(), bytes.end()));
    return {};
}

void LocalSet::set_raw(Tag tag, ByteSpan value) {
    if (tag != kChecksum) {
        put(items_, tag, Bytes(value.begin(), value.end()));
    }
}

void LocalSet::append_raw(Tag tag, ByteSpan value) {
    if (tag != kChecksum) {
        items_.push_back({tag, Bytes(value.begin(), value.end())});
    }
}

void LocalSet::set_time(MispTime time) {
    ByteWriter writer;
    writer.uint_be(time.us, 8);
    put(items_, kTime, writer.release());
}

void LocalSet::remove(Tag tag) {
    std::erase_if(items_, [tag](const Item& item) { return item.tag == tag; });
}

/// Walks one packet's items. Lives for one call of parse().
struct Parser {
    ByteSpan packet; // key to last byte
    std::size_t value_start;
    Packet result;
    std::unordered_map<Tag, std::size_t> position; // of each tag's item, to find repeats
    bool checksum_seen = false;

    void run() {
        ByteReader reader(packet.subspan(value_start));
        bool first = true;
        result.flaws.time_not_first = true;
        while (!reader.done()) {
            result.flaws.checksum_not_last |= checksum_seen;
            const auto tag = read_ber_oid(reader);
            const auto length =
                tag ? read_ber_length(reader) : Result<std::uint64_t>(tl::unexpected(tag.error()));
            if (!length || *length > reader.remaining()) {
                result.flaws.cut_short = true;
                break;
            }
            const std::size_t value_at = value_start + reader.position();
            const ByteSpan value = *reader.take(static_cast<std::size_t>(*length));
            if (first) {
                result.flaws.time_not_first = *tag != kTime;
                first = false;
            }
            if (*tag == kChecksum) {
                check(value, value_at);
            } else {
                keep(*tag, value);
            }
        }
        if (result.flaws.cut_short && !checksum_seen) {
            check_at_the_end();
        }
        result.flaws.checksum_missing = !checksum_seen;
        result.size = packet.size();
        drop_replaced();
    }

    void check(ByteSpan value, std::size_t value_at) {
        result.flaws.repeated_item |= checksum_seen;
        checksum_seen = true;
        result.flaws.checksum_wrong =
            value.size() != 2 || read_u16(value) != checksum(packet.first(value_at));
    }

    /// The items could not be walked to the end, but the checksum may still stand where it belongs.
    void check_at_the_end() {
        if (packet.size() - value_start < kChecksumItemSize) {
            return;
        }
        const ByteSpan tail = packet.last(kChecksumItemSize);
        if (read_u16(tail) == 0x0102) {
            check(tail.last(2), packet.size() - 2);
        }
    }

    void keep(Tag tag, ByteSpan value) {
        std::vector<Item>& items = result.set.items_;
        const Row* found = row(tag);
        if (found && !found->repeats) {
            const auto [at, is_new] = position.try_emplace(tag, items.size());
            if (!is_new) {
                result.flaws.repeated_item = true;
                items[at->second].tag = kChecksum; // marks it as replaced; no kept item has this tag
                at->second = items.size();
            }
        }
        items.push_back({tag, Bytes(value.begin(), value.end())});
    }

    void drop_replaced() {
        std::erase_if(result.set.items_, [](const Item& item) { return item.tag == kChecksum; });
    }
};

Result<Packet> parse(ByteSpan bytes) {
    auto extent = packet_extent(bytes);
    if (!extent) {
        return tl::unexpected(extent.error());
    }
    if (!is_st0601_key(bytes)) {
        return fail(Code::malformed,
                    "KLV: not the key of an ST 0601 local set: " + to_hex(bytes.first(kKeySize)));
    }
    if (extent->size > bytes.size()) {
        return fail(Code::truncated, "KLV: the packet has " + std::to_string(extent->size) + " bytes, " +
                                         std::to_string(bytes.size()) + " are here");
    }
    Parser parser{bytes.first(extent->size), extent->value_start, {}, {}};
    parser.run();
    return std::move(parser.result);
}

Result<Bytes> encode(const LocalSet& set) {
    const Item* time = set.find(kTime);
    if (!time) {
        return fail(Code::invalid_argument, "KLV: a local set needs item 2 (precision time stamp)");
    }
    ByteWriter value;
    write_item(value, kTime, time->value);
    for (const Item& item : set.items()) {
        if (item.tag != kTime) {
            write_item(value, item.tag, item.value);
        }
    }
    if (!set.has(kVersion)) {
        const std::byte version{kSt0601Version};
        write_item(value, kVersion, ByteSpan(&version, 1));
    }
    ByteWriter packet;
    packet.append(st0601_key());
    write_ber_length(packet, value.size() + kChecksumItemSize);
    packet.append(value.view());
    if (packet.size() + kChecksumItemSize > kMaxPacketSize) {
        return fail(Code::too_large,
                    "KLV: a local set of " + std::to_string(packet.size() + kChecksumItemSize) +
                        " bytes; at most " + std::to_string(kMaxPacketSize) + " are written");
    }
    packet.u8(kChecksum);
    packet.u8(2);
    packet.uint_be(checksum(packet.view()), 2);
    return packet.release();
}

} // namespace masthead::klv
