// The UDP socket, the messages' schedule, the random hold-back, and the answers to commands.
#include "simulator/mavlink_side.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/socket_watch.hpp"
#include "simulator/mavlink_messages.hpp"
#include "simulator/mavlink_orders.hpp"
#include "simulator/mission_run.hpp"
#include "simulator/mission_store.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace masthead::sim {

namespace {

constexpr std::uint8_t kTemporarilyRejected = 1; // MAV_RESULT
constexpr std::uint8_t kAutopilotComponent = 1;
constexpr std::uint16_t kNoMission = 0xffff;                   // total of MISSION_CURRENT
constexpr std::chrono::microseconds kCurrentPeriod{1'000'000}; // of MISSION_CURRENT

mavlink::PlanItem home_item(const GeoPoint& home) {
    return {.command = 16,
            .x = static_cast<std::int32_t>(std::lround(home.latitude_deg * 1e7)),
            .y = static_cast<std::int32_t>(std::lround(home.longitude_deg * 1e7))};
}

std::vector<Period> periods() {
    std::vector<Period> periods;
    for (const MavlinkRow& row : mavlink_rows()) {
        periods.push_back({row.period_ms * 1000LL, row.phase_ms * 1000LL});
    }
    return periods;
}

class Side final : public MavlinkSide {
  public:
    Side(const Options& options, std::shared_ptr<Vehicle> vehicle, SimClock clock)
        : options_(options), vehicle_(std::move(vehicle)), clock_(clock),
          // time_boot_ms counts whole milliseconds, so the poses are taken at whole milliseconds after boot.
          boot_{clock.start.us - clock.start.us % 1000 - kUptimeUs},
          schedule_(periods(), boot_ + std::chrono::microseconds(kUptimeUs)), random_(options.seed),
          store_(static_cast<std::uint8_t>(options.system_id), home_item(vehicle_->place().home)),
          speak_([this] { speak(); }), release_([this] { release(); }) {}

    Result<void> open() {
        target_ = Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string(
            options_.address.c_str(), static_cast<guint>(options_.port)));
        if (!target_) {
            return fail(Code::invalid_argument,
                        "--mavlink-address: '" + options_.address + "' is no IP address");
        }
        const GSocketFamily family = g_socket_address_get_family(target_.get());
        GError* error = nullptr;
        socket_ =
            Ref<GSocket>::adopt(g_socket_new(family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error));
        if (!socket_) {
            return fail_from(error, "no UDP socket for MAVLink");
        }
        const bool loopback = g_inet_address_get_is_loopback(
            g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(target_.get())));
        const auto host = Ref<GInetAddress>::adopt(loopback ? g_inet_address_new_loopback(family)
                                                            : g_inet_address_new_any(family));
        const auto local = Ref<GSocketAddress>::adopt(g_inet_socket_address_new(host.get(), 0));
        if (!g_socket_bind(socket_.get(), local.get(), FALSE, &error)) {
            return fail_from(error, "the UDP socket for MAVLink cannot be bound");
        }
        incoming_.emplace(
            socket_, nullptr,
            [this](ByteSpan datagram, const Ref<GSocketAddress>& from) {
                framer_.push_datagram(datagram, counters_, [this, &from](const mavlink::Message& message) {
                    obey(message, from);
                });
            },
            [](const std::string&) {});
        speak_.set(clock_.mono_us_at(schedule_.next()));
        return {};
    }

  private:
    /// Boot lies a little before the start: time_boot_ms = 0 means "not known" to some receivers.
    static constexpr std::int64_t kUptimeUs = 5'000'000;

    void speak() {
        const Utc now = clock_.now();
        if (options_.stop_after_s &&
            static_cast<double>((now - clock_.start).count()) > *options_.stop_after_s * 1e6) {
            log(LogLevel::info, "telemetry stops as told");
            return;
        }
        for (const Due& due : schedule_.take(now)) {
            const MavlinkMoment moment{vehicle_->at(due.time),
                                       static_cast<std::uint32_t>((due.time - boot_).count() / 1000)};
            send(mavlink_rows()[due.row].make(moment), target_);
        }
        fly(now);
        speak_.set(clock_.mono_us_at(schedule_.next()));
    }

    /// The mission that it was given, while it is in mode AUTO.
    void fly(Utc now) {
        for (const mavlink::Message& message : store_.due(utc_now())) {
            send(message, target_);
        }
        if (loaded_ != store_.version()) {
            loaded_ = store_.version();
            run_.load(store_.items());
        }
        const MissionRun::Step step = run_.tick(vehicle_->at(now), vehicle_->place().home, now);
        for (const Order& order : step.orders) {
            if (const auto done = vehicle_->obey_mission(order, now); !done) {
                log(LogLevel::warning, "an item of the mission cannot be flown",
                    {{"why", done.error().message}});
            }
        }
        if (step.reached) {
            mavlink::Message reached{.id = mavlink::mission_item_reached::kId};
            reached.set(mavlink::mission_item_reached::seq, *step.reached);
            send(reached, target_);
        }
        if (step.reached || now - current_told_ >= kCurrentPeriod) {
            current_told_ = now;
            mavlink::Message current{.id = mavlink::mission_current::kId};
            current.set(mavlink::mission_current::seq, run_.current());
            current.set(mavlink::mission_current::total, run_.has_items() ? run_.count() : kNoMission);
            send(current, target_);
        }
    }

    /// Into mode AUTO with a mission that it was given, or whatever else it is told.
    Result<void> do_it(const Order& order) {
        const Utc now = clock_.now();
        const auto* mode = std::get_if<Mode>(&order);
        if (!mode || *mode != Mode::mission || !run_.has_items()) {
            auto done = vehicle_->obey(order, now);
            if (done && vehicle_->at(now).mode != Mode::mission) {
                run_.stop();
            }
            return done;
        }
        const Truth truth = vehicle_->at(now);
        const bool stands = *truth.sample.altitude_agl_m < 2;
        if (stands && (truth.sample.armed != true || !run_.begins_with_takeoff())) {
            return fail(Code::conflict, "it is on the ground");
        }
        run_.start();
        return vehicle_->obey_mission(Acknowledge{}, now);
    }

    void send(mavlink::Message message, const Ref<GSocketAddress>& to) {
        message.system = static_cast<std::uint8_t>(options_.system_id);
        message.component = kAutopilotComponent;
        message.sequence = sequence_++;
        Bytes packet = mavlink::write_packet(message);
        if (options_.delay_max_ms <= 0) {
            transmit(packet, to);
            return;
        }
        std::uniform_int_distribution<std::int64_t> delay_us(0, options_.delay_max_ms * 1000LL);
        held_.emplace(g_get_monotonic_time() + delay_us(random_), Held{std::move(packet), to});
        release_.set(held_.begin()->first);
    }

    void release() {
        const std::int64_t now = g_get_monotonic_time();
        while (!held_.empty() && held_.begin()->first <= now) {
            transmit(held_.begin()->second.packet, held_.begin()->second.to);
            held_.erase(held_.begin());
        }
        if (!held_.empty()) {
            release_.set(held_.begin()->first);
        }
    }

    /// A datagram that the network refuses is lost, as any datagram may be.
    void transmit(const Bytes& packet, const Ref<GSocketAddress>& to) {
        g_socket_send_to(socket_.get(), to.get(), reinterpret_cast<const gchar*>(packet.data()),
                         packet.size(), nullptr, nullptr);
    }

    void obey(const mavlink::Message& message, const Ref<GSocketAddress>& from) {
        if (const auto answers = store_.receive(message, utc_now())) {
            for (const mavlink::Message& answer : *answers) {
                send(answer, from);
            }
            return;
        }
        const auto command = command_of(message);
        if (!command || command->system != options_.system_id ||
            (command->component != 0 && command->component != kAutopilotComponent)) {
            return; // another vehicle's, or a broadcast, which no one should move by
        }
        MavlinkOrder answer = order_of(*command);
        const auto done = answer.order ? do_it(*answer.order) : Result<void>();
        if (!done) {
            answer.result = kTemporarilyRejected;
        }
        log(LogLevel::info, "answers a command",
            {{"command", std::to_string(command->command)},
             {"result", std::to_string(answer.result)},
             {"why", done ? "" : done.error().message}});
        using namespace mavlink::command_ack;
        mavlink::Message ack{.id = kId};
        ack.set(mavlink::command_ack::command, command->command);
        ack.set(result, answer.result);
        ack.set(target_system, message.system);
        ack.set(target_component, message.component);
        send(ack, from);
        // The new mode at once, not at the next second.
        send(mavlink_rows()[0].make({vehicle_->at(clock_.now()), 0}), target_);
    }

    struct Held {
        Bytes packet;
        Ref<GSocketAddress> to;
    };

    Options options_;
    std::shared_ptr<Vehicle> vehicle_;
    SimClock clock_;
    Utc boot_;
    Schedule schedule_;
    std::mt19937 random_;
    MissionStore store_;
    MissionRun run_;
    int loaded_ = 0; // the store's version that is flown
    Utc current_told_;
    std::uint8_t sequence_ = 0;
    Ref<GSocketAddress> target_;
    Ref<GSocket> socket_;
    mavlink::Framer framer_;
    LinkCounters counters_;
    std::multimap<std::int64_t, Held>
        held_; // by the monotonic instant of sending; bounded by rate times delay
    Alarm speak_;
    Alarm release_;
    std::optional<SocketWatch> incoming_;
};

} // namespace

Result<std::unique_ptr<MavlinkSide>> MavlinkSide::create(const Options& options,
                                                         std::shared_ptr<Vehicle> vehicle, SimClock clock) {
    auto side = std::make_unique<Side>(options, std::move(vehicle), clock);
    if (auto opened = side->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    return side;
}

} // namespace masthead::sim
