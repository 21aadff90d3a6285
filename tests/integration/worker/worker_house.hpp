// What worker tests share: a fleet with everything it said, and a MAVLink vehicle on a real socket.
#pragma once

#include "plugins/glib/json.hpp"
#include "plugins/links/mavlink/codec.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "server/control/fleet.hpp"
#include "tests/unit/links_loop.hpp"
#include "tests/unit/links_sockets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace masthead::test {

/// Everything a fleet said, in order.
struct FleetHeard {
    std::vector<control::Telemetry> telemetry;
    std::vector<control::Traffic> traffic;
    std::vector<control::CameraState> cameras;
    std::vector<control::CameraFigures> figures;
    std::vector<control::RecordingState> recordings;
    std::vector<control::LinkReport> links;
    std::vector<control::ViewerOffer> offers;
    std::vector<control::ViewerCandidate> candidates;
    std::vector<control::ViewerState> viewers;
    std::vector<control::CommandProgress> commands;
    std::vector<control::Graph> graphs;
    std::vector<control::WorkerState> workers;

    [[nodiscard]] control::FleetEvents events() {
        const auto keep = [](auto& list) { return [&list](const auto& one) { list.push_back(one); }; };
        return {.telemetry = keep(telemetry),
                .traffic = keep(traffic),
                .camera_state = keep(cameras),
                .camera_figures = keep(figures),
                .recording_state = keep(recordings),
                .link_state = keep(links),
                .viewer_offer = keep(offers),
                .viewer_candidate = keep(candidates),
                .viewer_state = keep(viewers),
                .command_update = keep(commands),
                .graph = keep(graphs),
                .worker_state = keep(workers)};
    }
    /// What became of viewers, for a test that fails.
    [[nodiscard]] std::string viewers_text() const {
        std::string text;
        for (const control::ViewerState& viewer : viewers) {
            text += viewer.session + ' ' + to_string(viewer.state) + ": " + viewer.detail + '\n';
        }
        return text;
    }
    [[nodiscard]] const control::CameraState* camera(const std::string& name) const {
        const auto found =
            std::ranges::find(cameras.rbegin(), cameras.rend(), name, &control::CameraState::camera);
        return found == cameras.rend() ? nullptr : &*found;
    }
    [[nodiscard]] bool camera_is(const std::string& name, control::CameraPhase phase) const {
        const auto* state = camera(name);
        return state && state->state == phase;
    }
    [[nodiscard]] const control::LinkReport* link(const std::string& vehicle) const {
        const auto found =
            std::ranges::find(links.rbegin(), links.rend(), vehicle, &control::LinkReport::vehicle);
        return found == links.rend() ? nullptr : &*found;
    }
    /// What leads to that pad in the graph that was heard last.
    [[nodiscard]] std::optional<json::Value> link_into(const std::string& element,
                                                       const std::string& pad) const {
        const auto graph = graphs.empty() ? fail(Code::not_found, "no graph was heard")
                                          : json::Value::parse(graphs.back().graph);
        for (const json::Value& link : graph ? graph->array("links")->items() : std::vector<json::Value>()) {
            if (link.string("to").value_or("") == element && link.string("to_pad").value_or("") == pad) {
                return link;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::vector<control::CommandState> fate(const std::string& command) const {
        std::vector<control::CommandState> states;
        for (const auto& update : commands) {
            if (update.id == command) {
                states.push_back(update.state);
            }
        }
        return states;
    }
};

/// An autopilot that speaks and answers by hand.
class MavlinkVehicle {
  public:
    explicit MavlinkVehicle(std::uint8_t system) : system_(system) {}

    void say_pose(std::uint16_t port, double latitude_deg) const {
        using namespace mavlink;
        Message beat{.id = heartbeat::kId, .system = system_, .component = 1};
        beat.set(heartbeat::autopilot, 3);
        beat.set(heartbeat::type, 2);
        beat.set(heartbeat::base_mode, 128 + 1);
        beat.set(heartbeat::custom_mode, 3);
        peer_.send(write_packet(beat), port);
        Message position{.id = global_position_int::kId, .system = system_, .component = 1};
        position.set(global_position_int::lat, static_cast<std::int32_t>(latitude_deg * 1e7));
        position.set(global_position_int::lon, 80'000'000);
        position.set(global_position_int::time_boot_ms,
                     static_cast<std::uint32_t>(g_get_monotonic_time() / 1000));
        peer_.send(write_packet(position), port);
    }
    void say_roll(std::uint16_t port, double roll_deg) const {
        using namespace mavlink;
        Message pose{.id = attitude::kId, .system = system_, .component = 1};
        pose.set(attitude::roll, static_cast<float>(roll_deg * std::numbers::pi / 180));
        pose.set(attitude::time_boot_ms, static_cast<std::uint32_t>(g_get_monotonic_time() / 1000));
        peer_.send(write_packet(pose), port);
    }
    /// Ids of the commands that came since the last call.
    [[nodiscard]] std::vector<std::uint32_t> commands() const {
        std::vector<std::uint32_t> ids;
        while (const auto bytes = peer_.read()) {
            const auto packet = mavlink::read_packet(*bytes);
            const bool is_command = packet.message.id == mavlink::command_long::kId ||
                                    packet.message.id == mavlink::command_int::kId;
            if (packet.reading == mavlink::Reading::message && is_command) {
                ids.push_back(packet.message.id == mavlink::command_long::kId
                                  ? packet.message.get(mavlink::command_long::command)
                                  : packet.message.get(mavlink::command_int::command));
            }
        }
        return ids;
    }
    void acknowledge(std::uint16_t port, std::uint32_t command) const {
        using namespace mavlink;
        Message ack{.id = command_ack::kId, .system = system_, .component = 1};
        ack.set(command_ack::command, static_cast<std::uint16_t>(command));
        ack.set(command_ack::result, 0);
        peer_.send(write_packet(ack), port);
    }

  private:
    UdpPeer peer_;
    std::uint8_t system_;
};

[[nodiscard]] inline control::WorkerCamera camera_at(const std::string& name, const std::string& uri,
                                                     const std::string& telemetry = "link") {
    return {name, R"({"title":"test","ingest":{"uri":")" + uri + R"("},"telemetry":{"source":")" + telemetry +
                      R"("},"outputs":{"webrtc":{}}})"};
}

[[nodiscard]] inline control::WorkerCamera camera(const std::string& name, std::uint16_t port,
                                                  const std::string& telemetry = "link") {
    return camera_at(name, "udp://127.0.0.1:" + std::to_string(port), telemetry);
}

[[nodiscard]] inline control::WorkerVehicle vehicle(const std::string& id,
                                                    std::vector<control::WorkerCamera> cameras) {
    control::WorkerVehicle vehicle;
    vehicle.id = id;
    vehicle.cameras = std::move(cameras);
    return vehicle;
}

[[nodiscard]] inline control::WorkerLink mavlink_on(std::uint16_t port) {
    return {"mavlink+udp://127.0.0.1:" + std::to_string(port), std::nullopt};
}

} // namespace masthead::test
