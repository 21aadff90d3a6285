// Topics and messages of the MQTT link.
#include "plugins/links/mqtt/topics.hpp"

#include "plugins/glib/json.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::mqtt_link {

namespace {

constexpr std::string_view kTelemetry = "/telemetry";
constexpr std::string_view kAck = "/command/ack";
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxAck = 4096;
constexpr std::size_t kMaxDetail = 256;

bool is_vehicle_name(std::string_view name) {
    constexpr std::string_view kForbidden("/+#\0", 4);
    return !name.empty() && name.size() <= kMaxName &&
           name.find_first_of(kForbidden) == std::string_view::npos;
}

struct AckState {
    std::string_view name;
    CommandState state;
};
constexpr AckState kAckStates[] = {
    {"accepted", CommandState::accepted},   {"in_progress", CommandState::in_progress},
    {"completed", CommandState::completed}, {"denied", CommandState::denied},
    {"failed", CommandState::failed},       {"cancelled", CommandState::cancelled},
};

} // namespace

Result<Topics> Topics::create(std::string_view topic) {
    const auto refuse = [&](const std::string& why) {
        return fail(Code::invalid_argument, "the link's MQTT topic '" + std::string(topic) + "' " + why);
    };
    while (topic.ends_with('/')) {
        topic.remove_suffix(1);
    }
    if (topic.empty() || topic.find('\0') != std::string_view::npos) {
        return refuse("is missing: wanted is mqtt://HOST:PORT/TOPIC");
    }
    const std::size_t plus = topic.find('+');
    const bool wild = plus != std::string_view::npos;
    if (topic.find('#') != std::string_view::npos ||
        (wild && topic.find('+', plus + 1) != std::string_view::npos)) {
        return refuse("may have one '+' for the vehicle's level, and no '#'");
    }
    Topics topics;
    topics.base_ = topic;
    const std::size_t slash = topic.rfind('/', wild ? plus : std::string_view::npos);
    const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
    const std::size_t end = std::min(topic.find('/', start), topic.size());
    const std::string_view level = topic.substr(start, end - start);
    if (wild ? level != "+" : !is_vehicle_name(level)) {
        return refuse("needs a level that names the vehicle, or is '+' alone");
    }
    topics.before_ = topic.substr(0, start);
    topics.after_ = topic.substr(end);
    topics.vehicle_ = wild ? std::string_view() : level;
    return topics;
}

Result<std::string> Topics::commands(const LinkAddress& vehicle) const {
    if (!is_vehicle_name(vehicle) || (!vehicle_.empty() && vehicle != vehicle_)) {
        return fail(Code::invalid_argument, "'" + vehicle + "' is no vehicle of the topic '" + base_ + "'");
    }
    return before_ + vehicle + after_ + "/command";
}

std::optional<Topics::Address> Topics::parse(std::string_view topic) const {
    for (const auto& [ending, kind] : {std::pair(kTelemetry, Kind::telemetry), std::pair(kAck, Kind::ack)}) {
        const std::string tail = after_ + std::string(ending);
        if (topic.size() <= before_.size() + tail.size() || !topic.starts_with(before_) ||
            !topic.ends_with(tail)) {
            continue;
        }
        const std::string_view vehicle =
            topic.substr(before_.size(), topic.size() - before_.size() - tail.size());
        if (is_vehicle_name(vehicle) && (vehicle_.empty() || vehicle == vehicle_)) {
            return Address{kind, std::string(vehicle)};
        }
    }
    return std::nullopt;
}

std::string command_json(const LinkCommand& command) {
    json::Writer writer;
    writer.begin_object().member("id", command.id).member("command", command.command);
    if (!command.arguments.empty()) {
        writer.key("parameters").raw(commands::to_json(command.arguments));
    }
    writer.member("deadline", command.deadline.us).end_object();
    return writer.release();
}

Result<CommandUpdate> ack_from_json(std::string_view text) {
    const auto object = json::Value::parse(text, kMaxAck);
    if (!object) {
        return tl::unexpected(object.error());
    }
    auto id = object->string("id");
    const auto state = object->string("state");
    if (!id || !state) {
        return tl::unexpected(!id ? id.error() : state.error());
    }
    const auto known = std::ranges::find(kAckStates, *state, &AckState::name);
    if (known == std::end(kAckStates)) {
        return fail(Code::invalid_argument,
                    "'state': accepted, in_progress, completed, denied, failed or cancelled is wanted");
    }
    std::string detail = object->string("detail").value_or("");
    detail.resize(std::min(detail.size(), kMaxDetail));
    return CommandUpdate{*std::move(id), known->state, std::move(detail)};
}

} // namespace masthead::mqtt_link
