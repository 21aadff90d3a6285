// Rows and arguments -> COMMAND_LONG and COMMAND_INT.
#include "plugins/links/mavlink/command_message.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace masthead::mavlink {

namespace {

using Params = std::array<double, 7>;
using commands::ParameterSource;

constexpr double kE7 = 1e7;
constexpr std::uint8_t kFrameGlobal = 0;    // MAV_FRAME_GLOBAL
constexpr std::uint8_t kFrameAboveHome = 3; // MAV_FRAME_GLOBAL_RELATIVE_ALT
constexpr double kCustomModeEnabled = 1;    // MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
constexpr std::array<const char*, 4> kComponents = {"autopilot", "gimbal", "camera", "companion computer"};

Result<double> value_of(const ParameterSource& source, const commands::Arguments& arguments,
                        const Vehicle& vehicle, std::uint32_t sequence) {
    if (source.from == ParameterSource::From::sequence) {
        return sequence;
    }
    const commands::Argument* argument =
        source.from == ParameterSource::From::parameter ? find(arguments, source.parameter) : nullptr;
    if (!argument) {
        return source.number;
    }
    const auto* flag = std::get_if<bool>(&argument->value);
    const double value = flag ? (*flag ? 1 : 0) : std::get<double>(argument->value);
    if (!source.above_home) {
        return value;
    }
    const auto home = vehicle.home_altitude_msl_m();
    if (!home) {
        return fail(Code::unavailable, "the vehicle has not said yet how high its home is");
    }
    return value + *home;
}

Result<Params> mode_params(const commands::MavlinkRow& row, const commands::Arguments& arguments,
                           const Autopilot& autopilot) {
    if (row.hold_mode) {
        const auto mode = hold_mode(autopilot);
        return mode ? Result<Params>(Params{kCustomModeEnabled, double(mode->main), double(mode->sub)})
                    : fail(Code::unsupported, "no mode of this autopilot is known that holds");
    }
    const std::string name = std::get<std::string>(find(arguments, row.mode_from)->value);
    const auto mode = mode_named(name, autopilot);
    return mode ? Result<Params>(Params{kCustomModeEnabled, double(mode->main), double(mode->sub)})
                : fail(Code::invalid_argument, "this vehicle's autopilot has no mode '" + name + "'");
}

Result<Params> params_of(const commands::MavlinkRow& row, const commands::Arguments& arguments,
                         const Vehicle& vehicle, std::uint32_t sequence) {
    if (row.hold_mode || !row.mode_from.empty()) {
        return mode_params(row, arguments, *vehicle.autopilot());
    }
    Params params{};
    for (std::size_t i = 0; i < params.size(); ++i) {
        const auto value = value_of(row.params[i], arguments, vehicle, sequence);
        if (!value) {
            return tl::unexpected(value.error());
        }
        params[i] = *value;
    }
    return params;
}

/// COMMAND_INT's own word for "not set" is the largest number.
std::int32_t degrees_e7(double degrees) {
    return std::isnan(degrees) ? std::numeric_limits<std::int32_t>::max()
                               : static_cast<std::int32_t>(std::lround(degrees * kE7));
}

Message long_message(const Addressee& to, const Params& params) {
    using namespace command_long;
    Message message{.id = kId};
    constexpr std::array kParams = {param1, param2, param3, param4, param5, param6, param7};
    for (std::size_t i = 0; i < params.size(); ++i) {
        message.set(kParams[i], static_cast<float>(params[i]));
    }
    message.set(command, to.command);
    message.set(target_system, to.system);
    message.set(target_component, to.component);
    return message;
}

Message int_message(const Addressee& to, const Params& params, commands::Frame in) {
    using namespace command_int;
    Message message{.id = kId};
    constexpr std::array kParams = {param1, param2, param3, param4};
    for (std::size_t i = 0; i < kParams.size(); ++i) {
        message.set(kParams[i], static_cast<float>(params[i]));
    }
    message.set(x, degrees_e7(params[4]));
    message.set(y, degrees_e7(params[5]));
    message.set(z, static_cast<float>(params[6]));
    message.set(frame, in == commands::Frame::global ? kFrameGlobal : kFrameAboveHome);
    message.set(command, to.command);
    message.set(target_system, to.system);
    message.set(target_component, to.component);
    return message;
}

} // namespace

Result<CommandMessage> command_message(const commands::Row& row, const commands::Arguments& arguments,
                                       std::uint8_t system, const Vehicle& vehicle, std::uint32_t sequence) {
    const commands::Autopilot family = family_of(*vehicle.autopilot());
    const auto said = std::ranges::find_if(row.mavlink, [&](const commands::MavlinkRow& each) {
        return each.autopilot == commands::Autopilot::any || each.autopilot == family;
    });
    if (said == row.mavlink.end()) {
        return fail(Code::unsupported, "MAVLink has no '" + std::string(row.name) + "' for this autopilot");
    }
    const auto component = vehicle.component_of(said->to);
    if (!component) {
        return fail(Code::unavailable, std::string("no ") + kComponents[static_cast<std::size_t>(said->to)] +
                                           " of the vehicle has been heard");
    }
    const auto params = params_of(*said, arguments, vehicle, sequence);
    if (!params) {
        return tl::unexpected(params.error());
    }
    const Addressee to{system, *component, said->command};
    CommandMessage made{said->integer ? int_message(to, *params, said->frame) : long_message(to, *params),
                        to};
    made.message.version = vehicle.version();
    return made;
}

} // namespace masthead::mavlink
