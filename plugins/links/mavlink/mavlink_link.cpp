// The MAVLink link: transport, framing, one Vehicle a system, commands out.
#include "plugins/links/mavlink/mavlink_link.hpp"

#include "plugins/links/mavlink/commands.hpp"
#include "plugins/links/mavlink/framer.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/mavlink/missions.hpp"
#include "plugins/links/mavlink/refusals.hpp"
#include "plugins/links/mavlink/signing.hpp"
#include "plugins/links/mavlink/vehicle.hpp"
#include "plugins/links/pulse.hpp"
#include "plugins/links/transport.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace masthead::mavlink {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kOurSystem = 255;    // what ground stations use
constexpr std::uint8_t kOurComponent = 190; // MAV_COMP_ID_MISSIONPLANNER: "a ground station"
constexpr std::uint8_t kTypeGroundStation = 6;
constexpr std::uint8_t kAutopilotInvalid = 8;
constexpr std::uint8_t kStateActive = 4;
constexpr std::uint8_t kMavlinkVersion = 3;
constexpr auto kHeartbeatPeriod = 1000ms;
constexpr auto kPeerForgotten = 10s; // no heartbeats of ours to an address that is quiet this long
constexpr std::size_t kMaxPeers = 64;
constexpr auto kRefusalsTold = 1000ms; // after the first that was not told yet

/// "1" .. "254"; 0 is MAVLink's broadcast and 255 is us.
std::optional<std::uint8_t> system_of(const LinkAddress& address) {
    std::uint8_t system = 0;
    const char* end = address.data() + address.size();
    const auto [stop, error] = std::from_chars(address.data(), end, system);
    const bool valid = error == std::errc() && stop == end && system != 0 && system != kOurSystem;
    return valid ? std::optional(system) : std::nullopt;
}

std::string target_name(const Addressee& to) {
    return "system " + std::to_string(to.system) + ", component " + std::to_string(to.component);
}

Message our_heartbeat() {
    Message message{.id = heartbeat::kId};
    message.set(heartbeat::type, kTypeGroundStation);
    message.set(heartbeat::autopilot, kAutopilotInvalid);
    message.set(heartbeat::system_status, kStateActive);
    message.set(heartbeat::mavlink_version, kMavlinkVersion);
    return message;
}

class MavlinkLink : public Link {
  public:
    MavlinkLink(const LinkUri& uri, const std::optional<SigningSettings>& signing, LinkEvents events,
                GMainContext* context)
        : events_(std::move(events)), pulse_(context, events_.state),
          heartbeat_(context, [this] { send_heartbeats(); }), due_(context, [this] { commands_due(); }),
          refusals_due_(context, [this] { pulse_.remark("refusals", refusals_.text()); }),
          missions_(context, missions_events()), listens_(uri.scheme == "mavlink+udp"),
          datagrams_(uri.scheme != "mavlink+tcp") {
        if (signing) {
            signing_.emplace(*signing);
        }
        TransportEvents transport{
            .received = [this](ByteSpan bytes, const Peer& from) { received(bytes, from); },
            .opened = [this](const std::string& detail) { opened(detail); },
            .closed = [this](const std::string& detail) { closed(detail); },
        };
        const auto open = listens_ ? listen_udp : datagrams_ ? connect_udp : connect_tcp;
        transport_ = open(uri, std::move(transport), context);
    }

    Result<void> start() override { return transport_->start(); }

    Result<void> send(const LinkCommand& command) override;

    [[nodiscard]] LinkCounters counters() const override { return counters_; }

  private:
    struct System {
        Vehicle vehicle;
        Peer peer; // where it last spoke from
        Utc heard;
        bool clock_error = false;
    };
    struct Source {
        Framer framer;
        Utc heard;
    };

    void opened(const std::string& detail);
    void closed(const std::string& detail);
    void received(ByteSpan bytes, const Peer& from);
    Framer& framer_of(const Peer& from, Utc now);
    bool proven(const Message& message, ByteSpan packet, const Peer& from, Utc now);
    void take(const Message& message, const Peer& from, Utc now);
    void take_ack(const Message& message, Utc now);
    [[nodiscard]] MissionsEvents missions_events();
    void update_remark(std::uint8_t id, System& system);
    void send_heartbeats();
    void say(const CommandUpdate& update);
    void commands_due();
    void send_again(const std::string& id, int times);
    void plan_commands();
    Result<void> write(Message message, const Peer& to);

    LinkEvents events_;
    LinkCounters counters_;
    Pulse pulse_;
    Timer heartbeat_;
    Timer due_;
    std::optional<Signing> signing_; // absent: nothing is signed and nothing checked
    Refusals refusals_;
    Timer refusals_due_;
    Utc woken_; // last time that who is outdated was told what time it is
    Missions missions_;
    bool listens_;
    bool datagrams_;
    std::map<std::string, Source> sources_;
    std::map<std::uint8_t, System> systems_;
    CommandBook book_;
    std::map<std::string, CommandMessage> resendable_; // by command id
    std::uint32_t commands_sent_ = 0;
    std::uint8_t sequence_ = 0;
    std::unique_ptr<Transport> transport_;
};

void MavlinkLink::opened(const std::string& detail) {
    pulse_.opened(detail);
    heartbeat_.cancel();
    send_heartbeats();
}

void MavlinkLink::closed(const std::string& detail) {
    heartbeat_.cancel();
    sources_.clear();
    for (auto& [id, system] : systems_) {
        system.peer.reset();
    }
    pulse_.closed(detail);
}

/// Packets of one sender may be cut anywhere, those of two senders must not be mixed: one framer a source,
/// the quietest one forgotten when there are too many.
Framer& MavlinkLink::framer_of(const Peer& from, Utc now) {
    const std::string key = to_string(from);
    if (!sources_.contains(key) && sources_.size() >= kMaxPeers) {
        sources_.erase(
            std::ranges::min_element(sources_, {}, [](const auto& each) { return each.second.heard; }));
    }
    Source& source = sources_[key];
    source.heard = now;
    return source.framer;
}

void MavlinkLink::received(ByteSpan bytes, const Peer& from) {
    const Utc now = utc_now();
    counters_.bytes_in += bytes.size();
    Framer& framer = framer_of(from, now);
    const auto take_message = [&](const Message& message) {
        if (proven(message, framer.packet(), from, now)) {
            take(message, from, now);
        }
    };
    if (datagrams_) {
        framer.push_datagram(bytes, counters_, take_message);
    } else {
        framer.push(bytes, counters_, take_message);
    }
}

/// A vehicle without a clock goes on where it stopped, is refused for it, and learns the time from what we
/// sign: who proved to have the key is told it, without being taken for there.
bool MavlinkLink::proven(const Message& message, ByteSpan packet, const Peer& from, Utc now) {
    const Verdict verdict = signing_ ? signing_->judge(message, packet, now) : Verdict::good;
    if (verdict == Verdict::good) {
        return true;
    }
    ++counters_.refused;
    refusals_.add(message.system, verdict);
    if (!refusals_due_.armed()) {
        refusals_due_.arm(kRefusalsTold);
    }
    if (verdict == Verdict::outdated && listens_ && now - woken_ >= kHeartbeatPeriod) {
        woken_ = now;
        static_cast<void>(write(our_heartbeat(), from));
    }
    return false;
}

void MavlinkLink::take(const Message& message, const Peer& from, Utc now) {
    if (message.system == 0 || message.system == kOurSystem) {
        ++counters_.messages_unknown; // nobody, or a ground station
        return;
    }
    System& system = systems_[message.system];
    std::optional<std::vector<Sample>> samples = system.vehicle.receive(message, now);
    const bool ack = message.id == command_ack::kId;
    const bool of_mission = missions_.takes(message);
    if (!samples && !ack && !of_mission) {
        ++counters_.messages_unknown;
        return;
    }
    ++counters_.messages_in;
    system.peer = from;
    system.heard = now;
    update_remark(message.system, system);
    pulse_.beat();
    if (!heartbeat_.armed()) {
        send_heartbeats();
    }
    if (ack) {
        take_ack(message, now);
    }
    if (of_mission) {
        missions_.take(message, system.vehicle);
    }
    if (samples && events_.sample) {
        for (const Sample& sample : *samples) {
            events_.sample(std::to_string(message.system), sample);
        }
    }
}

void MavlinkLink::take_ack(const Message& message, Utc now) {
    using namespace command_ack;
    const std::uint8_t system = message.get(target_system);
    const std::uint8_t component = message.get(target_component);
    if ((system != 0 && system != kOurSystem) || (component != 0 && component != kOurComponent)) {
        return; // another ground station's
    }
    const auto update = book_.acknowledge({message.system, message.component, message.get(command)},
                                          message.get(result), message.get(progress), now);
    plan_commands();
    if (update) {
        say(*update);
    }
}

MissionsEvents MavlinkLink::missions_events() {
    return {
        .write = [this](const Message& message,
                        std::uint8_t system) { return write(message, systems_.at(system).peer); },
        .say = [this](const CommandUpdate& update) { say(update); },
        .held = events_.mission,
        .progress = events_.mission_progress,
    };
}

void MavlinkLink::say(const CommandUpdate& update) {
    if (events_.command) {
        events_.command(update);
    }
}

void MavlinkLink::update_remark(std::uint8_t id, System& system) {
    const auto error = system.vehicle.clock_error();
    if (error.has_value() == system.clock_error) {
        return;
    }
    system.clock_error = error.has_value();
    const std::string who = "system " + std::to_string(id);
    pulse_.remark(who, clock_remark(who, error));
}

Result<void> MavlinkLink::write(Message message, const Peer& to) {
    message.system = kOurSystem;
    message.component = kOurComponent;
    message.sequence = sequence_++;
    const Bytes packet = signing_ ? signing_->sign(message, utc_now()) : write_packet(message);
    auto sent = transport_->send(packet, to);
    if (sent) {
        counters_.bytes_out += packet.size();
    }
    return sent;
}

/// Vehicles take "no ground station" for a failure and fly home: ours is heard once a second by everyone who
/// is there.
void MavlinkLink::send_heartbeats() {
    Message message = our_heartbeat();
    const Utc now = utc_now();
    std::map<std::string, std::pair<Peer, Version>> peers;
    if (!listens_) {
        peers.emplace("", std::pair(Peer(), Version::v1));
    }
    for (const auto& [id, system] : systems_) {
        if (now - system.heard < kPeerForgotten && (system.peer || !datagrams_)) {
            peers.insert_or_assign(to_string(system.peer), std::pair(system.peer, system.vehicle.version()));
        }
    }
    for (const auto& [name, peer] : peers) {
        message.version = peer.second;
        // A heartbeat that is lost is followed by the next one; the link's state already says when sending
        // fails.
        static_cast<void>(write(message, peer.first));
    }
    if (!peers.empty()) {
        heartbeat_.arm(kHeartbeatPeriod);
    }
}

Result<void> MavlinkLink::send(const LinkCommand& command) {
    const auto id = system_of(command.target);
    if (!id) {
        return fail(Code::invalid_argument,
                    "'" + command.target + "' is no MAVLink system: wanted is 1 to 254");
    }
    const auto system = systems_.find(*id);
    if (system == systems_.end() || !system->second.vehicle.autopilot() ||
        (datagrams_ && !system->second.peer)) {
        return fail(Code::unavailable,
                    "no heartbeat of system " + command.target + "'s autopilot has been heard on this link");
    }
    const commands::Row* row = commands::row(command.command);
    if (!row) {
        return fail(Code::unsupported, "there is no command '" + command.command + "'");
    }
    if (row->mission != commands::MissionTask::none) {
        return missions_.begin(command, *row, *id, system->second.vehicle);
    }
    auto made = command_message(*row, command.arguments, *id, system->second.vehicle, commands_sent_ + 1);
    if (!made) {
        return tl::unexpected(made.error());
    }
    const Utc now = utc_now();
    if (auto begun = book_.begin(command.id, *row, made->to, command.deadline, now); !begun) {
        return begun;
    }
    if (auto written = write(made->message, system->second.peer); !written) {
        book_.withdraw(command.id);
        return written;
    }
    ++commands_sent_;
    say({command.id, CommandState::sent, "MAV_CMD " + std::to_string(made->to.command),
         target_name(made->to)});
    if (row->resends > 0) {
        resendable_.insert_or_assign(command.id, *std::move(made));
    }
    commands_due();
    return {};
}

/// The target is the same as at first; where it speaks from may have changed.
void MavlinkLink::send_again(const std::string& id, int times) {
    const auto found = resendable_.find(id);
    if (found == resendable_.end()) {
        return;
    }
    CommandMessage& again = found->second;
    again.message.set(command_long::confirmation, static_cast<std::uint8_t>(times));
    if (const auto written = write(again.message, systems_.at(again.to.system).peer); written) {
        say({id, CommandState::sent, "not acknowledged yet: sent again", target_name(again.to), times});
    }
}

void MavlinkLink::plan_commands() {
    std::erase_if(resendable_, [this](const auto& each) { return !book_.may_resend(each.first); });
    const auto next = book_.next_due();
    if (!next) {
        due_.cancel();
        return;
    }
    due_.arm(std::chrono::duration_cast<std::chrono::milliseconds>(*next - utc_now()) + 1ms);
}

void MavlinkLink::commands_due() {
    const CommandBook::Due due = book_.due(utc_now());
    for (const auto& [id, times] : due.resend) {
        send_again(id, times);
    }
    for (const CommandUpdate& update : due.expired) {
        say(update);
    }
    plan_commands();
}

} // namespace

Result<std::unique_ptr<Link>> open_mavlink(const LinkUri& uri, LinkEvents events, GMainContext* context) {
    return signing_settings(uri).transform(
        [&](const std::optional<SigningSettings>& signing) -> std::unique_ptr<Link> {
            return std::make_unique<MavlinkLink>(uri, signing, std::move(events), context);
        });
}

} // namespace masthead::mavlink
