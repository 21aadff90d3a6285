// Mission items from JSON and back.
#include "plugins/commands/mission.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::commands {

namespace {

constexpr double kMaxAboveHomeM = 1000; // as of the commands

tl::unexpected<Error> bad(std::size_t index, const std::string& rule) {
    return fail(Code::invalid_argument, "items[" + std::to_string(index) + "]: " + rule);
}

Result<void> check_members(const json::Value& value, std::size_t index) {
    constexpr std::string_view kMembers[] = {"item", "frame", "parameters"};
    for (const std::string& name : value.names()) {
        if (std::ranges::find(kMembers, name) == std::end(kMembers)) {
            return bad(index, "an item has no member '" + name.substr(0, 64) + "'");
        }
    }
    return {};
}

Result<Frame> read_frame(const json::Value& value, const Row& row, std::size_t index) {
    if (!value.find("frame")) {
        return Frame::above_home;
    }
    const std::string name = value.string("frame").value_or("");
    if (!has_place(row)) {
        return bad(index, "'" + std::string(row.name) + "' has no place, and so no 'frame'");
    }
    if (name != "above_home" && name != "global") {
        return bad(index, "'frame' must be above_home or global");
    }
    return name == "global" ? Frame::global : Frame::above_home;
}

Result<MissionItem> read_item(const json::Value& value, Kinds kind, std::size_t index) {
    if (!value.is_object()) {
        return bad(index, "an item must be a JSON object");
    }
    const std::string name = value.string("item").value_or("");
    MissionItem item{.row = mission_row(name)};
    if (!item.row) {
        return bad(index, "there is no item '" + name.substr(0, 64) + "'");
    }
    if (auto known = check_members(value, index); !known) {
        return tl::unexpected(known.error());
    }
    if ((item.row->kinds & kind) == 0) {
        return bad(index, "'" + name + "' is not for a " + (kind == kDrone ? "drone" : "vessel"));
    }
    const auto frame = read_frame(value, *item.row, index);
    if (!frame) {
        return tl::unexpected(frame.error());
    }
    auto arguments = read_arguments(*item.row, kind, value.find("parameters"));
    if (!arguments) {
        return bad(index, arguments.error().message);
    }
    item.frame = *frame;
    item.arguments = *std::move(arguments);
    const Argument* height = find(item.arguments, "altitude_m");
    if (height && item.frame == Frame::above_home && std::get<double>(height->value) > kMaxAboveHomeM) {
        return bad(index, "'altitude_m' of '" + name + "' must be at most 1000 m above home");
    }
    return item;
}

} // namespace

const Row* mission_row(std::string_view name) noexcept {
    const auto found = std::ranges::find(mission_rows(), name, &Row::name);
    return found == mission_rows().end() ? nullptr : &*found;
}

bool has_place(const Row& row) {
    return std::ranges::find(row.parameters, "latitude_deg", &ParameterRow::name) != row.parameters.end();
}

Result<std::vector<MissionItem>> read_items(const json::Value& list, Kinds kind) {
    const auto values = list.items();
    if (!list.is_array() || values.empty()) {
        return fail(Code::invalid_argument, "'items' must be a list of at least one item");
    }
    if (values.size() > kMaxMissionItems) {
        return fail(Code::invalid_argument, "'items' has " + std::to_string(values.size()) +
                                                " items, and a mission at most " +
                                                std::to_string(kMaxMissionItems));
    }
    std::vector<MissionItem> items;
    items.reserve(values.size());
    for (const json::Value& value : values) {
        auto item = read_item(value, kind, items.size());
        if (!item) {
            return tl::unexpected(item.error());
        }
        items.push_back(*std::move(item));
    }
    return items;
}

std::string to_json(const std::vector<MissionItem>& items) {
    json::Writer out;
    out.begin_array();
    for (const MissionItem& item : items) {
        out.begin_object().member("item", item.row ? item.row->name : "foreign");
        if (item.row && has_place(*item.row)) {
            out.member("frame", item.frame == Frame::global ? "global" : "above_home");
        }
        if (item.row) {
            out.key("parameters").raw(to_json(item.arguments));
        } else {
            out.member("command", item.foreign->command).member("mav_frame", item.foreign->frame);
            out.key("params").begin_array();
            for (const double param : item.foreign->params) {
                out.value(param);
            }
            out.end_array();
        }
        out.end_object();
    }
    return out.end_array().release();
}

} // namespace masthead::commands
