// The MQTT link: telemetry in, commands out, acknowledgements in.
#include "plugins/links/mqtt/mqtt_link.hpp"

#include "plugins/links/limits.hpp"
#include "plugins/links/link_secret.hpp"
#include "plugins/links/minimum_offset.hpp"
#include "plugins/links/mqtt/connection.hpp"
#include "plugins/links/mqtt/topics.hpp"
#include "plugins/links/pulse.hpp"

#include <algorithm>
#include <map>

namespace masthead::mqtt_link {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxVehicles = 256;
constexpr std::size_t kMaxPayload = 64 * 1024;
constexpr std::size_t kMaxWaiting = 64;
constexpr std::int64_t kBelievedUs = 2'000'000;
constexpr auto kThere = 30s;          // a vehicle quiet for longer is not sent commands
constexpr auto kCompletedWait = 600s; // from "accepted" to "completed"
constexpr auto kLateWait = 60s;       // from its expiry to a late acknowledgement

class MqttLink : public Link {
  public:
    MqttLink(Topics topics, ConnectionSettings settings, LinkEvents events, GMainContext* context)
        : topics_(std::move(topics)), where_("mqtt " + settings.host + ":" + std::to_string(settings.port)),
          events_(std::move(events)), pulse_(context, events_.state),
          expiry_(context, [this] { expire_commands(); }),
          connection_(
              std::move(settings),
              {.subscribed =
                   [this] { pulse_.opened("subscribed to " + topics_.telemetry() + " at " + where_); },
               .lost = [this](const std::string& reason) { pulse_.closed(where_ + ": " + reason); },
               .message = [this](const IncomingMessage& message) { received(message); }},
              context) {}

    Result<void> start() override {
        pulse_.connecting("connecting to " + where_);
        connection_.start();
        return {};
    }
    Result<void> send(const LinkCommand& command) override;
    [[nodiscard]] LinkCounters counters() const override {
        LinkCounters counters = counters_;
        counters.dropped = connection_.dropped();
        return counters;
    }

  private:
    struct Vehicle {
        Utc heard;
        MinimumOffset offset;
        bool clock_error = false;
    };
    struct Waiting {
        LinkAddress target;
        Utc until;
        std::chrono::milliseconds progress; // from one sign of it to the next
        bool accepted = false; // only its outcome may still come; nothing is said when it does not
        bool expired = false;  // what comes is late; nothing is said when nothing comes
    };

    void received(const IncomingMessage& message);
    void take_telemetry(const LinkAddress& who, const IncomingMessage& message);
    void take_ack(const LinkAddress& who, const IncomingMessage& message);
    void map_time(const LinkAddress& who, Vehicle& vehicle, Sample& sample, Utc arrival);
    void plan_expiry();
    void expire_commands();

    Topics topics_;
    std::string where_;
    LinkEvents events_;
    LinkCounters counters_;
    Pulse pulse_;
    Timer expiry_;
    std::map<LinkAddress, Vehicle> vehicles_;
    std::map<std::string, Waiting> waiting_; // by command id
    Connection connection_;
};

void MqttLink::received(const IncomingMessage& message) {
    counters_.bytes_in += message.payload.size();
    const auto address = topics_.parse(message.topic);
    if (!address || message.retained) {
        ++counters_.messages_unknown; // what a broker kept is of no known age
        return;
    }
    if (message.payload.size() > kMaxPayload) {
        ++counters_.malformed;
        return;
    }
    if (address->kind == Topics::Kind::telemetry) {
        take_telemetry(address->vehicle, message);
    } else {
        take_ack(address->vehicle, message);
    }
}

void MqttLink::take_telemetry(const LinkAddress& who, const IncomingMessage& message) {
    auto sample = sample_from_json(message.payload, message.arrival);
    if (!sample) {
        ++counters_.malformed;
        return;
    }
    if (!vehicles_.contains(who) && vehicles_.size() >= kMaxVehicles) {
        ++counters_.messages_unknown;
        return;
    }
    ++counters_.messages_in;
    Vehicle& vehicle = vehicles_[who];
    vehicle.heard = message.arrival;
    map_time(who, vehicle, *sample, message.arrival);
    pulse_.beat();
    if (events_.sample && !says_nothing(*sample)) {
        events_.sample(who, *sample);
    }
}

/// A vehicle whose clock is more than 2 s from ours is mapped by its measured offset.
void MqttLink::map_time(const LinkAddress& who, Vehicle& vehicle, Sample& sample, Utc arrival) {
    if (sample.time_source == TimeSource::arrival) {
        sample.time = arrival;
        return;
    }
    vehicle.offset.add(sample.time.us, arrival);
    const std::int64_t offset_us = vehicle.offset.us();
    const bool wrong = std::abs(offset_us) > kBelievedUs;
    if (wrong) {
        sample.time.us += offset_us;
        sample.time_source = TimeSource::mapped;
    }
    if (wrong != std::exchange(vehicle.clock_error, wrong)) {
        const auto error = wrong ? std::optional(std::chrono::microseconds(-offset_us)) : std::nullopt;
        pulse_.remark(who, clock_remark(who, error));
    }
}

void MqttLink::take_ack(const LinkAddress& who, const IncomingMessage& message) {
    auto update = ack_from_json(message.payload);
    if (!update) {
        ++counters_.malformed;
        return;
    }
    const auto waiting = waiting_.find(update->id);
    if (waiting == waiting_.end() || waiting->second.target != who) {
        ++counters_.messages_unknown;
        return;
    }
    ++counters_.messages_in;
    update->late = waiting->second.expired;
    switch (update->state) {
    case CommandState::in_progress: waiting->second.until = message.arrival + waiting->second.progress; break;
    case CommandState::accepted:
        waiting->second.accepted = true;
        waiting->second.until = message.arrival + kCompletedWait;
        break;
    default: waiting_.erase(waiting);
    }
    plan_expiry();
    if (events_.command) {
        events_.command(*update);
    }
}

Result<void> MqttLink::send(const LinkCommand& command) {
    const auto topic = topics_.commands(command.target);
    if (!topic) {
        return tl::unexpected(topic.error());
    }
    const commands::Row* row = commands::row(command.command);
    if (!row) {
        return fail(Code::unsupported, "there is no command '" + command.command + "'");
    }
    if (row->mission != commands::MissionTask::none) {
        return fail(Code::unsupported, "missions are not sent over MQTT");
    }
    const Utc now = utc_now();
    if (now > command.deadline) {
        return fail(Code::expired, "command " + command.id + " was not sent: its deadline has passed");
    }
    const auto vehicle = vehicles_.find(command.target);
    if (vehicle == vehicles_.end() || now - vehicle->second.heard > kThere) {
        return fail(Code::unavailable, "nothing was heard of '" + command.target + "' in the last 30 s");
    }
    if (waiting_.contains(command.id) || waiting_.size() >= kMaxWaiting) {
        return fail(Code::conflict,
                    "command " + command.id + " was sent before, or too many wait for their acknowledgement");
    }
    const std::string payload = command_json(command);
    if (auto published = connection_.publish(*topic, payload); !published) {
        return published;
    }
    counters_.bytes_out += payload.size();
    waiting_[command.id] = {command.target, now + std::chrono::milliseconds(row->ack_ms),
                            std::chrono::milliseconds(row->progress_ms)};
    plan_expiry();
    if (events_.command) {
        events_.command({command.id, CommandState::sent, "published", *topic});
    }
    return {};
}

void MqttLink::plan_expiry() {
    const auto next =
        std::ranges::min_element(waiting_, {}, [](const auto& each) { return each.second.until; });
    if (next == waiting_.end()) {
        expiry_.cancel();
        return;
    }
    expiry_.arm(std::chrono::duration_cast<std::chrono::milliseconds>(next->second.until - utc_now()) + 1ms);
}

void MqttLink::expire_commands() {
    const Utc now = utc_now();
    std::vector<CommandUpdate> expired;
    std::erase_if(waiting_, [now](const auto& each) {
        const Waiting& waiting = each.second;
        return waiting.until <= now && (waiting.accepted || waiting.expired);
    });
    for (auto& [id, waiting] : waiting_) {
        if (waiting.until <= now) {
            expired.push_back(
                {id, CommandState::expired, "'" + waiting.target + "' did not acknowledge in time"});
            waiting.expired = true;
            waiting.until = now + kLateWait;
        }
    }
    plan_expiry();
    for (const CommandUpdate& update : expired) {
        if (events_.command) {
            events_.command(update);
        }
    }
}

} // namespace

Result<std::unique_ptr<Link>> open_mqtt(const LinkUri& uri, LinkEvents events, GMainContext* context) {
    if (uri.host.empty()) {
        return fail(Code::invalid_argument,
                    "the link's URI needs the broker's host, as in mqtt://HOST:PORT/TOPIC");
    }
    auto topics = Topics::create(uri.path);
    if (!topics) {
        return tl::unexpected(topics.error());
    }
    auto password = link_secret(uri, "password");
    if (!password) {
        return tl::unexpected(password.error());
    }
    const auto ca_file = uri.options.find("ca-file");
    ConnectionSettings settings{.host = uri.host,
                                .port = uri.port,
                                .tls = uri.scheme == "mqtts",
                                .ca_file = ca_file != uri.options.end() ? ca_file->second : "",
                                .user = uri.user,
                                .password = *std::move(password),
                                .topics = {topics->telemetry(), topics->acks()}};
    return std::make_unique<MqttLink>(*std::move(topics), std::move(settings), std::move(events), context);
}

} // namespace masthead::mqtt_link
