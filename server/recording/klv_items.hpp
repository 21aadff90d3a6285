// A local set's items for people and programs: by name, as values.
#pragma once

#include "plugins/klv/local_set.hpp"

#include <string>
#include <vector>

namespace masthead::recording_tool {

/// An item's value as text. Numbers are in the row's unit, with as many decimals as the item resolves; what a
/// code says instead ("out_of_range", "error", "off_earth") stands as a word; items that are no plain value,
/// or not of their row's length, are hexadecimal. Of zero length: empty, which says "unknown now".
struct ItemValue {
    std::string text;
    bool is_number = false;
};
[[nodiscard]] ItemValue value_of(const klv::Item& item);

/// "sensor_latitude"; of a tag without a row "item_145".
[[nodiscard]] std::string key_of(klv::Tag tag);
/// "sensor_latitude [deg]"; without the brackets where there is no unit.
[[nodiscard]] std::string title_of(klv::Tag tag);

/// {"sensor_latitude": 47.1, ...}: null for unknown now, an array where a tag stands more than once.
[[nodiscard]] std::string items_json(const klv::LocalSet& set);

/// The ST 0601 packet of a frame; an empty set where there is none, or none that can be read.
[[nodiscard]] klv::LocalSet local_set_of(ByteSpan klv);

} // namespace masthead::recording_tool
