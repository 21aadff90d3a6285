// The real masthead-worker, run by a Fleet: real MAVLink and MPEG-TS on real sockets.
#include "plugins/glib/json.hpp"
#include "tests/integration/worker/ts_camera.hpp"
#include "tests/integration/worker/workers.hpp"

#include <gmock/gmock.h>

using namespace masthead;
using namespace masthead::control;
using namespace masthead::test;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Workers, SendTheTelemetryOfALinkAndItsState) {
    const std::uint16_t port = free_udp_port();
    WorkerVehicle kestrel = vehicle("kestrel", {});
    kestrel.link = mavlink_on(port);
    fleet_.set_vehicles({kestrel});
    const MavlinkVehicle autopilot(1);
    ASSERT_TRUE(saying([&] { autopilot.say_pose(port, 54.5); },
                       [&] {
                           return std::ranges::any_of(heard_.telemetry, [](const Telemetry& one) {
                               return one.sample.latitude_deg.has_value();
                           });
                       }));
    const auto with_position = std::ranges::find_if(
        heard_.telemetry, [](const Telemetry& one) { return one.sample.latitude_deg.has_value(); });
    EXPECT_EQ(with_position->vehicle, "kestrel");
    EXPECT_EQ(with_position->source, TelemetrySource::link);
    EXPECT_NEAR(*with_position->sample.latitude_deg, 54.5, 1e-6);
    ASSERT_TRUE(saying([&] { autopilot.say_pose(port, 54.5); },
                       [&] {
                           const auto* link = heard_.link("kestrel");
                           return link && link->state == control::LinkState::up && link->counters &&
                                  link->counters->messages_in > 0;
                       }));
    ASSERT_TRUE(until([&] { return heard_.link("kestrel")->state == control::LinkState::silent; }));
}

TEST_F(Workers, ThrottleAFastVehicleToTwentySamplesASecond) {
    const std::uint16_t port = free_udp_port();
    WorkerVehicle kestrel = vehicle("kestrel", {});
    kestrel.link = mavlink_on(port);
    fleet_.set_vehicles({kestrel});
    ASSERT_TRUE(until([&] { return is_up("kestrel"); }));
    const MavlinkVehicle autopilot(1);
    int said = 0;
    ASSERT_TRUE(saying(
        [&] {
            for (int i = 0; i < 50; ++i, ++said) {
                autopilot.say_pose(port, 54.5);
            }
        },
        [&] { return heard_.telemetry.size() >= 20; }));
    EXPECT_GT(said, 100);
    for (std::size_t i = 1; i < heard_.telemetry.size(); ++i) {
        EXPECT_GE(heard_.telemetry[i].sample.time, heard_.telemetry[i - 1].sample.time);
    }
    EXPECT_LT(heard_.telemetry.size(), static_cast<std::size_t>(said));
}

TEST_F(Workers, TellTwoVehiclesOnOneLinkApartAndCallTheThirdTraffic) {
    const std::uint16_t port = free_udp_port();
    WorkerVehicle kestrel = vehicle("kestrel", {});
    WorkerVehicle merlin = vehicle("merlin", {});
    kestrel.link = mavlink_on(port);
    kestrel.link->address = "1";
    merlin.link = mavlink_on(port);
    fleet_.set_vehicles({kestrel, merlin});
    EXPECT_EQ(fleet_.workers().size(), 1U) << "vehicles of one link share a worker";
    ASSERT_TRUE(until([&] { return is_up("kestrel"); }));
    const MavlinkVehicle one(1);
    const MavlinkVehicle two(2);
    const MavlinkVehicle three(3);
    const auto heard_from = [&](const std::string& id) {
        return std::ranges::find(heard_.telemetry, id, &Telemetry::vehicle) != heard_.telemetry.end();
    };
    ASSERT_TRUE(saying([&] { one.say_pose(port, 1); }, [&] { return heard_from("kestrel"); }));
    ASSERT_TRUE(saying([&] { two.say_pose(port, 2); }, [&] { return heard_from("merlin"); }));
    ASSERT_TRUE(saying([&] { three.say_pose(port, 3); }, [&] { return !heard_.traffic.empty(); }));
    EXPECT_EQ(heard_.traffic[0].address, "3");
    EXPECT_EQ(heard_.traffic[0].link, kestrel.link->uri);
}

TEST_F(Workers, SendACommandOnceAndTellItsFate) {
    const std::uint16_t port = free_udp_port();
    WorkerVehicle kestrel = vehicle("kestrel", {});
    kestrel.link = mavlink_on(port);
    fleet_.set_vehicles({kestrel});
    ASSERT_TRUE(until([&] { return is_up("kestrel"); }));
    const Utc soon = utc_now() + std::chrono::minutes(5);
    ASSERT_TRUE(fleet_.send_command({"too-early", "kestrel", "land", soon}));
    ASSERT_TRUE(until([&] { return !heard_.fate("too-early").empty(); }));
    EXPECT_THAT(heard_.fate("too-early"), ElementsAre(control::CommandState::failed));

    const MavlinkVehicle autopilot(1);
    ASSERT_TRUE(saying([&] { autopilot.say_pose(port, 54.5); }, [&] { return !heard_.telemetry.empty(); }));
    ASSERT_TRUE(fleet_.send_command({"land-1", "kestrel", "land", soon}));
    std::vector<std::uint32_t> commands;
    ASSERT_TRUE(saying([&] { std::ranges::copy(autopilot.commands(), std::back_inserter(commands)); },
                       [&] { return !commands.empty(); }));
    autopilot.acknowledge(port, commands[0]);
    ASSERT_TRUE(until([&] { return heard_.fate("land-1").size() >= 2; }));
    EXPECT_THAT(heard_.fate("land-1"),
                ElementsAre(control::CommandState::sent, control::CommandState::accepted));

    ASSERT_TRUE(fleet_.send_command({"land-1", "kestrel", "land", soon}));
    ASSERT_TRUE(fleet_.send_command({"late", "kestrel", "return", Utc{1}}));
    ASSERT_TRUE(until([&] { return !heard_.fate("late").empty(); }));
    EXPECT_THAT(heard_.fate("late"), ElementsAre(control::CommandState::expired));
    EXPECT_TRUE(autopilot.commands().empty()) << "a known id is not sent again, a late one not at all";
    EXPECT_EQ(heard_.fate("land-1").size(), 2U);
}

TEST_F(Workers, ShowACameraAndOfferItToAViewer) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port);
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    ASSERT_TRUE(until([&] { return heard_.camera("nose")->width.has_value(); }));
    EXPECT_EQ(heard_.camera("nose")->width, 320);
    EXPECT_EQ(heard_.camera("nose")->height, 180);
    EXPECT_EQ(heard_.camera("nose")->b_frames, false);
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty() && !heard_.candidates.empty(); }));
    EXPECT_EQ(heard_.offers[0].session, "session_1");
    EXPECT_THAT(heard_.offers[0].sdp, HasSubstr("m=video"));
    EXPECT_THAT(heard_.candidates[0].candidate, HasSubstr("127.0.0.1"));
    EXPECT_EQ(fleet_.set_answer({"session_2", "v=0"}).error().code, Code::not_found);
    ASSERT_TRUE(fleet_.set_answer({"session_1", "this is no SDP"}));
    ASSERT_TRUE(
        until([&] { return !heard_.viewers.empty() && heard_.viewers.back().state == ViewerPhase::failed; }));
    EXPECT_EQ(fleet_.set_answer({"session_1", "v=0"}).error().code, Code::not_found)
        << "failed ends a session";
    EXPECT_TRUE(heard_.camera_is("nose", CameraPhase::playing)) << "a broken answer ends its viewer only";
}

TEST_F(Workers, DrawTheirPipelineWithWhatFlowsThroughItAndKeepWhatTheyWrote) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port);
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    EXPECT_EQ(fleet_.ask_graph({"graph-1", "kestrel", "tail"}).error().code, Code::not_found);
    ASSERT_TRUE(saying(
        [&] {
            EXPECT_TRUE(fleet_.ask_graph({"graph-1", "kestrel", "nose"}));
        },
        [&] {
            const auto link = heard_.link_into("viewers", "sink");
            return link && link->object("flow")->integer("buffers").value_or(0) > 10;
        }));
    EXPECT_EQ(heard_.graphs.back().id, "graph-1");
    EXPECT_THAT(heard_.link_into("viewers", "sink")->string("caps").value_or(""), HasSubstr("video/x-h264"));
    EXPECT_GT(heard_.link_into("viewers", "sink")->object("flow")->number("kbit_per_s").value_or(0), 1);
    const std::string& graph = heard_.graphs.back().graph;
    EXPECT_THAT(graph, HasSubstr(R"("factory":"vehiclesrc")"));
    EXPECT_THAT(graph, HasSubstr(R"("frames-with-klv")")) << "the element's own counters";
    EXPECT_THAT(graph, HasSubstr(R"("fill")")) << "how full a queue is";
    const auto lines = fleet_.log_lines("kestrel");
    EXPECT_TRUE(std::ranges::any_of(
        lines, [](const std::string& line) { return line.find("the worker runs") != std::string::npos; }));
    EXPECT_TRUE(fleet_.log_lines("merlin").empty());
}

TEST_F(Workers, TellAViewerOfACameraWithoutVideoAndOfferWhenItComes) {
    const std::uint16_t port = free_udp_port();
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return is_up("kestrel"); }));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.viewers.empty(); }));
    EXPECT_EQ(heard_.viewers[0].state, ViewerPhase::connecting);
    EXPECT_THAT(heard_.viewers[0].detail, HasSubstr("no video yet"));
    const TsCamera ts(port);
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));
}

TEST_F(Workers, PutTheLinksTelemetryOnTheCamerasFrames) {
    const std::uint16_t port = free_udp_port();
    const std::uint16_t link_port = free_udp_port();
    const TsCamera ts(port);
    WorkerVehicle kestrel = vehicle("kestrel", {camera("nose", port)});
    kestrel.link = mavlink_on(link_port);
    fleet_.set_vehicles({kestrel});
    const MavlinkVehicle autopilot(1);
    const auto from_camera = [](const Telemetry& one) {
        return one.source == TelemetrySource::camera && one.sample.latitude_deg.has_value();
    };
    ASSERT_TRUE(saying([&] { autopilot.say_pose(link_port, 54.5); },
                       [&] { return std::ranges::any_of(heard_.telemetry, from_camera); }));
    const auto found = std::ranges::find_if(heard_.telemetry, from_camera);
    EXPECT_EQ(found->camera, "nose");
    EXPECT_NEAR(*found->sample.latitude_deg, 54.5, 1e-4);
}

TEST_F(Workers, LetTheLinkFillInWhatTheCamerasOwnKlvLacks) {
    const std::uint16_t port = free_udp_port();
    const std::uint16_t camera_port = free_udp_port();
    const std::uint16_t link_port = free_udp_port();
    const TsCamera ts(port, {.b_frames = 0, .telemetry = mavlink_on(camera_port).uri});
    WorkerVehicle kestrel = vehicle("kestrel", {camera("nose", port, "both")});
    kestrel.link = mavlink_on(link_port);
    fleet_.set_vehicles({kestrel});
    const MavlinkVehicle of_camera(1);
    const MavlinkVehicle of_link(1);
    const auto latitude = [&](const Telemetry& one) {
        return one.source == TelemetrySource::camera && one.sample.latitude_deg ? *one.sample.latitude_deg
                                                                                : 0;
    };
    const auto full = [&](const Telemetry& one) {
        return std::abs(latitude(one) - 10) < 1e-3 && one.sample.roll_deg.has_value();
    };
    constexpr std::ptrdiff_t kEnough = 15;
    const auto first = [&] { return std::ranges::find_if(heard_.telemetry, full); };
    const auto later = [&] {
        return std::count_if(first(), heard_.telemetry.end(),
                             [&](const Telemetry& one) { return latitude(one) != 0; });
    };
    ASSERT_TRUE(saying(
        [&] {
            of_camera.say_pose(camera_port, 10);
            of_link.say_pose(link_port, 20);
            of_link.say_roll(link_port, 12);
        },
        [&] { return later() >= kEnough; }));
    EXPECT_NEAR(*first()->sample.roll_deg, 12, 0.1) << "only the link says the roll";
    EXPECT_TRUE(std::all_of(first(), heard_.telemetry.end(), [&](const Telemetry& one) {
        return latitude(one) < 11;
    })) << "the camera's own position stands";
}

TEST_F(Workers, SayThatACameraIsAbsentAndTryAgainUntilItComes) {
    const std::uint16_t port = free_udp_port();
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::retrying); }));
    EXPECT_FALSE(heard_.camera("nose")->detail.empty());
    const TsCamera ts(port);
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
}

TEST_F(Workers, SayThatACameraSendsBFrames) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.b_frames = 2, .telemetry = ""});
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return heard_.camera("nose") && heard_.camera("nose")->b_frames == true; }));
    EXPECT_THAT(heard_.camera("nose")->detail, HasSubstr("B-frames"));
}

TEST_F(Workers, RefuseACameraWhosePipelineFileCannotBeUsed) {
    fleet_.set_vehicles({vehicle("kestrel", {{"nose", R"({"title":"no ingest","outputs":{"webrtc":{}}})"}})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::refused); }));
    EXPECT_THAT(heard_.camera("nose")->detail, HasSubstr("ingest"));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(
        until([&] { return !heard_.viewers.empty() && heard_.viewers.back().state == ViewerPhase::failed; }));
}

TEST_F(Workers, RefuseACameraWhoseUriNamesNone) {
    fleet_.set_vehicles({vehicle("kestrel", {camera_at("nose", "rtsp://host:70000/x"),
                                             camera_at("tail", "file:///nowhere/flight.ts")})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::refused); }));
    EXPECT_THAT(heard_.camera("nose")->detail, HasSubstr("port"));
    ASSERT_TRUE(until([&] { return heard_.camera_is("tail", CameraPhase::refused); }));
    EXPECT_THAT(heard_.camera("tail")->detail, HasSubstr("file:///nowhere/flight.ts"));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.viewers.empty(); }));
    EXPECT_THAT(heard_.viewers[0].detail, HasSubstr("port")) << "a viewer is told why it sees nothing";
    EXPECT_TRUE(std::ranges::none_of(
        heard_.cameras, [](const CameraState& state) { return state.state == CameraPhase::retrying; }));
}

TEST_F(Workers, KeepOneCameraPlayingWhileAnotherGetsGarbage) {
    const std::uint16_t good = free_udp_port();
    const std::uint16_t bad = free_udp_port();
    const TsCamera ts(good);
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", good), camera("tail", bad)})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    const UdpPeer attacker;
    std::uint32_t noise = 1;
    int sent = 0;
    ASSERT_TRUE(saying(
        [&] {
            for (int i = 0; i < 20; ++i, ++sent) {
                Bytes packet(1316);
                for (std::byte& byte : packet) {
                    noise = noise * 1664525 + 1013904223;
                    byte = static_cast<std::byte>(noise >> 24);
                }
                for (std::size_t at = 0; at < packet.size(); at += 188) {
                    packet[at] = std::byte{0x47}; // what looks like TS packets gets furthest
                }
                attacker.send(packet, bad);
            }
        },
        [&] { return sent >= 2000; }));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));
    EXPECT_TRUE(is_up("kestrel"));
    EXPECT_EQ(std::ranges::count_if(heard_.cameras,
                                    [](const CameraState& state) {
                                        return state.camera == "nose" && state.state == CameraPhase::retrying;
                                    }),
              0);
}

TEST_F(Workers, AreBackAfterBeingKilledWhileOthersAreNotTouched) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port);
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)}), vehicle("tern", {})});
    ASSERT_TRUE(until([&] { return is_up("tern") && heard_.camera_is("nose", CameraPhase::playing); }));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));
    const auto tern_pid = worker_of("tern")->pid;
    const auto kestrel_pid = worker_of("kestrel")->pid;
    heard_.cameras.clear();
    const gint64 killed_us = g_get_monotonic_time();
    kill_worker_of("kestrel");
    ASSERT_TRUE(until([&] { return !is_up("kestrel"); }));
    EXPECT_EQ(heard_.viewers.back().state, ViewerPhase::failed);
    EXPECT_THAT(heard_.viewers.back().detail, HasSubstr("worker restarted"));
    EXPECT_EQ(fleet_.add_viewer({"session_2", "kestrel", "nose"}).error().code, Code::unavailable);
    ASSERT_TRUE(until([&] { return is_up("kestrel"); }));
    const auto up_ms = (g_get_monotonic_time() - killed_us) / 1000;
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    const auto playing_ms = (g_get_monotonic_time() - killed_us) / 1000;
    RecordProperty("up_ms", std::to_string(up_ms));
    std::printf("killed worker: up again after %lld ms, its camera plays after %lld ms\n",
                static_cast<long long>(up_ms), static_cast<long long>(playing_ms));
    EXPECT_NE(worker_of("kestrel")->pid, kestrel_pid);
    EXPECT_EQ(worker_of("tern")->pid, tern_pid);
    ASSERT_TRUE(fleet_.add_viewer({"session_3", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return heard_.offers.size() >= 2; }));
}

TEST_F(Workers, RestartOnlyWhenTheirOwnSettingsChange) {
    fleet_.set_vehicles({vehicle("kestrel", {}), vehicle("tern", {}), vehicle("osprey", {})});
    ASSERT_TRUE(until([&] { return is_up("kestrel") && is_up("tern") && is_up("osprey"); }));
    const auto tern_pid = worker_of("tern")->pid;
    const auto kestrel_pid = worker_of("kestrel")->pid;
    WorkerVehicle changed = vehicle("kestrel", {});
    changed.kind = VehicleKind::vessel;
    fleet_.set_vehicles({changed, vehicle("tern", {}), vehicle("skua", {})});
    ASSERT_TRUE(
        until([&] { return is_up("kestrel") && worker_of("kestrel")->pid != kestrel_pid && is_up("skua"); }));
    EXPECT_EQ(worker_of("tern")->pid, tern_pid);
    EXPECT_FALSE(worker_of("osprey"));
    EXPECT_EQ(fleet_.add_viewer({"session_1", "osprey", "nose"}).error().code, Code::not_found);
}

TEST_F(Workers, SayWhyAWorkerCannotBeStarted) {
    FleetHeard heard;
    Fleet fleet({.program = "/nowhere/masthead-worker", .ice_addresses = {}}, heard.events());
    fleet.set_vehicles({vehicle("kestrel", {})});
    ASSERT_TRUE(until([&] { return !heard.workers.empty(); }));
    EXPECT_FALSE(heard.workers[0].up);
    EXPECT_THAT(heard.workers[0].detail, HasSubstr("/nowhere/masthead-worker"));
}

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    gst_init(&argc, &argv);
    return RUN_ALL_TESTS();
}
