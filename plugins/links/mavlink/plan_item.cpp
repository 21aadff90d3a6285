// Mission items <-> MISSION_ITEM_INT, and what differs between two of them.
#include "plugins/links/mavlink/plan_item.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace masthead::mavlink {

namespace {

using commands::MissionItem;
using From = commands::ParameterSource::From;

constexpr double kE7 = 1e7;
constexpr std::uint8_t kFrameGlobal = 0, kFrameMission = 2, kFrameAboveHome = 3; // MAV_FRAME
constexpr std::uint8_t kFrameGlobalInt = 5, kFrameAboveHomeInt = 6;              // their old names
constexpr std::uint16_t kInclusionVertex = 5001, kExclusionVertex = 5002;        // MAV_CMD_NAV_FENCE_POLYGON
constexpr std::size_t kX = 4, kY = 5, kZ = 6;                                    // among the seven params

std::array<double, 7> params_of(const PlanItem& item) {
    return {item.params[0], item.params[1], item.params[2], item.params[3],
            item.x / kE7,   item.y / kE7,   item.z};
}

std::int32_t degrees_e7(double degrees) { return static_cast<std::int32_t>(std::lround(degrees * kE7)); }

std::uint8_t plain_frame(std::uint8_t frame) {
    return frame == kFrameGlobalInt ? kFrameGlobal : frame == kFrameAboveHomeInt ? kFrameAboveHome : frame;
}

const commands::Row* row_of(std::uint16_t command) {
    const auto found = std::ranges::find_if(commands::mission_rows(), [&](const commands::Row& row) {
        return row.mavlink.front().command == command;
    });
    return found == commands::mission_rows().end() ? nullptr : &*found;
}

std::string number_text(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", number);
    return text;
}

/// Floats that took another way through an autopilot: 0.1 m/s may be kept as centimetres.
bool same_number(double sent, double held) {
    return std::isnan(sent) || std::abs(sent - held) <= std::max(0.011, std::abs(sent) * 1e-6);
}

/// What an operator calls the parameter.
std::string name_of(std::uint16_t command, std::size_t param) {
    const commands::Row* row = row_of(command);
    const auto& source = row ? row->mavlink.front().params[param] : commands::ParameterSource();
    return row && source.from == From::parameter ? std::string(source.parameter)
                                                 : "param" + std::to_string(param + 1);
}

std::string differs(const std::string& what, double held, double sent) {
    return what + ": " + number_text(held) + ", sent " + number_text(sent);
}

/// The item's arguments from its parameters; nothing when the row would not have said it so.
std::optional<MissionItem> said_by(const commands::Row& row, const PlanItem& item, commands::Kinds kind) {
    MissionItem made{.row = &row};
    const std::uint8_t frame = plain_frame(item.frame);
    if (commands::has_place(row) && frame != kFrameGlobal && frame != kFrameAboveHome) {
        return std::nullopt;
    }
    made.frame = commands::has_place(row) && frame == kFrameGlobal ? commands::Frame::global
                                                                   : commands::Frame::above_home;
    const auto values = params_of(item);
    for (const commands::ParameterRow& parameter : row.parameters) {
        const auto& sources = row.mavlink.front().params;
        const auto source = std::ranges::find(sources, parameter.name, &commands::ParameterSource::parameter);
        const double value = values[static_cast<std::size_t>(source - sources.begin())];
        const bool needed = parameter.required && (parameter.kinds & kind) != 0;
        const bool is_default = !needed && value == source->number;
        if (std::isnan(value)) {
            return std::nullopt;
        }
        if (!is_default) {
            made.arguments.push_back({std::string(parameter.name), value});
        }
    }
    return difference(plan_item(made), item) ? std::nullopt : std::optional(std::move(made));
}

} // namespace

PlanItem plan_item(const MissionItem& item) {
    const commands::MavlinkRow& row = item.row->mavlink.front();
    std::array<double, 7> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const commands::ParameterSource& source = row.params[i];
        const commands::Argument* argument =
            source.from == From::parameter ? find(item.arguments, source.parameter) : nullptr;
        values[i] = argument ? std::get<double>(argument->value) : source.number;
    }
    PlanItem made{.command = row.command, .frame = kFrameMission};
    if (commands::has_place(*item.row)) {
        made.frame = item.frame == commands::Frame::global ? kFrameGlobal : kFrameAboveHome;
    }
    std::transform(values.begin(), values.begin() + kX, made.params.begin(),
                   [](double value) { return static_cast<float>(value); });
    made.x = degrees_e7(values[kX]);
    made.y = degrees_e7(values[kY]);
    made.z = static_cast<float>(values[kZ]);
    return made;
}

MissionItem mission_item(const PlanItem& item, commands::Kinds kind) {
    const commands::Row* row = row_of(item.command);
    auto made = row ? said_by(*row, item, kind) : std::nullopt;
    return made ? *std::move(made)
                : MissionItem{.foreign = commands::ForeignItem{item.command, item.frame, params_of(item)}};
}

PlanItem plan_item(const Message& message) {
    using namespace mission_item_int;
    return {.command = message.get(command),
            .frame = message.get(frame),
            .params = {message.get(param1), message.get(param2), message.get(param3), message.get(param4)},
            .x = message.get(x),
            .y = message.get(y),
            .z = message.get(z)};
}

Message item_message(const PlanItem& item, std::uint16_t seq, PlanType type) {
    namespace m = mission_item_int;
    Message message{.id = m::kId};
    constexpr std::array kParams = {m::param1, m::param2, m::param3, m::param4};
    for (std::size_t i = 0; i < kParams.size(); ++i) {
        message.set(kParams[i], item.params[i]);
    }
    message.set(m::x, item.x);
    message.set(m::y, item.y);
    message.set(m::z, item.z);
    message.set(m::seq, seq);
    message.set(m::command, item.command);
    message.set(m::frame, item.frame);
    message.set(m::autocontinue, 1);
    message.set(m::mission_type, static_cast<std::uint8_t>(type));
    return message;
}

std::optional<std::string> difference(const PlanItem& sent, const PlanItem& held) {
    if (sent.command != held.command) {
        return differs("MAV_CMD", held.command, sent.command);
    }
    const bool has_place = sent.frame != kFrameMission;
    if (has_place && plain_frame(sent.frame) != plain_frame(held.frame)) {
        return differs("MAV_FRAME", held.frame, sent.frame);
    }
    const auto wanted = params_of(sent);
    const auto values = params_of(held);
    for (std::size_t i = 0; i < kX; ++i) {
        if (!same_number(wanted[i], values[i])) {
            return differs(name_of(sent.command, i), values[i], wanted[i]);
        }
    }
    if (!has_place) {
        return std::nullopt;
    }
    for (const auto& [param, is, was] : {std::tuple(kX, held.x, sent.x), std::tuple(kY, held.y, sent.y)}) {
        if (std::abs(std::int64_t{is} - was) > 1) {
            return differs(name_of(sent.command, param), is / kE7, was / kE7);
        }
    }
    return same_number(sent.z, held.z) ? std::nullopt
                                       : std::optional(differs(name_of(sent.command, kZ), held.z, sent.z));
}

std::vector<PlanItem> fence_items(std::span<const FencePolygon> polygons) {
    std::vector<PlanItem> items;
    for (const FencePolygon& polygon : polygons) {
        for (const FencePolygon::Vertex& vertex : polygon.vertices) {
            items.push_back({.command = polygon.keep_in ? kInclusionVertex : kExclusionVertex,
                             .frame = kFrameGlobal,
                             .params = {static_cast<float>(polygon.vertices.size())},
                             .x = degrees_e7(vertex.latitude_deg),
                             .y = degrees_e7(vertex.longitude_deg)});
        }
    }
    return items;
}

std::string mission_result_text(std::uint8_t result) {
    constexpr const char* kTexts[] = {
        "MAV_MISSION_ACCEPTED: it took them",
        "MAV_MISSION_ERROR: it refuses for no reason that it names",
        "MAV_MISSION_UNSUPPORTED_FRAME: it does not know the frame of an item",
        "MAV_MISSION_UNSUPPORTED: it does not know an item's command, or plans of this type",
        "MAV_MISSION_NO_SPACE: it has no room for so many items",
        "MAV_MISSION_INVALID: an item has a value that it does not take",
        "MAV_MISSION_INVALID_PARAM1: it does not take an item's param1",
        "MAV_MISSION_INVALID_PARAM2: it does not take an item's param2",
        "MAV_MISSION_INVALID_PARAM3: it does not take an item's param3",
        "MAV_MISSION_INVALID_PARAM4: it does not take an item's param4",
        "MAV_MISSION_INVALID_PARAM5_X: it does not take an item's latitude",
        "MAV_MISSION_INVALID_PARAM6_Y: it does not take an item's longitude",
        "MAV_MISSION_INVALID_PARAM7: it does not take an item's height",
        "MAV_MISSION_INVALID_SEQUENCE: it got an item out of order",
        "MAV_MISSION_DENIED: it takes no missions just now, or none from this ground station",
        "MAV_MISSION_OPERATION_CANCELLED: it broke the transfer off",
    };
    return result < std::size(kTexts) ? kTexts[result] : "MAV_MISSION_RESULT " + std::to_string(result);
}

} // namespace masthead::mavlink
