#include "server/recording/klv_items.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/klv/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace masthead::recording_tool {
namespace {

constexpr int kMaxDecimals = 12;

std::string decimal(double value, double resolution) {
    const int decimals =
        resolution > 0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(resolution))) + 1, 0, kMaxDecimals)
                       : kMaxDecimals;
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    std::string trimmed = text;
    if (trimmed.find('.') != std::string::npos) {
        trimmed.erase(trimmed.find_last_not_of('0') + 1);
        trimmed.erase(trimmed.find_last_not_of('.') + 1);
    }
    return trimmed == "-0" ? "0" : trimmed;
}

/// 0x80, 0x00...: what stands for no number.
bool is_special_code(const klv::Row& row, ByteSpan value) {
    return row.special != klv::Special::none && value.size() == row.max_length &&
           value[0] == std::byte{0x80} &&
           std::ranges::all_of(value.subspan(1), [](std::byte byte) { return byte == std::byte{0}; });
}

const char* word_of(klv::Special special) {
    switch (special) {
    case klv::Special::out_of_range: return "out_of_range";
    case klv::Special::error: return "error";
    case klv::Special::off_earth: return "off_earth";
    case klv::Special::none: break;
    }
    return "";
}

std::string json_of(const klv::Item& item) {
    const ItemValue value = value_of(item);
    return item.value.empty() ? "null" : value.is_number ? value.text : json::quote(value.text);
}

} // namespace

ItemValue value_of(const klv::Item& item) {
    const klv::Row* row = klv::row(item.tag);
    if (!row || row->wire == klv::Wire::raw || item.value.empty()) {
        return {to_hex(item.value)};
    }
    if (row->wire == klv::Wire::utf8) {
        return {klv::valid_utf8(item.value)};
    }
    if (is_special_code(*row, item.value)) {
        return {word_of(row->special)};
    }
    if (const auto whole = klv::decode_integer(*row, item.value)) {
        return {std::to_string(*whole), true};
    }
    const auto number = klv::decode_number(*row, item.value);
    return number ? ItemValue{decimal(*number, klv::resolution_at(*row, item.value.size())), true}
                  : ItemValue{to_hex(item.value)};
}

std::string key_of(klv::Tag tag) {
    const klv::Row* row = klv::row(tag);
    return row ? std::string(row->key) : "item_" + std::to_string(tag);
}

std::string title_of(klv::Tag tag) {
    const klv::Row* row = klv::row(tag);
    return key_of(tag) + (row && !row->unit.empty() ? " [" + std::string(row->unit) + "]" : "");
}

std::string items_json(const klv::LocalSet& set) {
    std::map<klv::Tag, std::vector<std::string>> values;
    std::vector<klv::Tag> order;
    for (const klv::Item& item : set.items()) {
        auto& of_tag = values[item.tag];
        if (of_tag.empty()) {
            order.push_back(item.tag);
        }
        of_tag.push_back(json_of(item));
    }
    json::Writer out;
    out.begin_object();
    for (const klv::Tag tag : order) {
        const auto& of_tag = values[tag];
        out.key(key_of(tag));
        if (of_tag.size() == 1) {
            out.raw(of_tag.front());
            continue;
        }
        out.begin_array();
        for (const std::string& value : of_tag) {
            out.raw(value);
        }
        out.end_array();
    }
    return out.end_object().release();
}

klv::LocalSet local_set_of(ByteSpan klv) {
    const auto packet = klv.empty() ? fail(Code::truncated, "") : klv::parse(klv);
    return packet ? packet->set : klv::LocalSet();
}

} // namespace masthead::recording_tool
