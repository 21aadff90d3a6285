// The members of each message, listed once: the encoder and the decoder of protocol.cpp walk the same lists.
#pragma once

#include "server/control/protocol.hpp"

#include <array>
#include <limits>
#include <utility>

namespace masthead::control::layout {

// --- Names of enums as they stand in JSON ---

template <typename E>
using Named = std::pair<E, const char*>;

inline constexpr std::array<Named<VehicleKind>, 2> kVehicleKinds{
    {{VehicleKind::drone, "drone"}, {VehicleKind::vessel, "vessel"}}};
inline constexpr std::array<Named<TelemetrySource>, 2> kTelemetrySources{
    {{TelemetrySource::link, "link"}, {TelemetrySource::camera, "camera"}}};
inline constexpr std::array<Named<ViewerPhase>, 4> kViewerPhases{{{ViewerPhase::connecting, "connecting"},
                                                                  {ViewerPhase::connected, "connected"},
                                                                  {ViewerPhase::failed, "failed"},
                                                                  {ViewerPhase::closed, "closed"}}};
inline constexpr std::array<Named<CameraPhase>, 4> kCameraPhases{{{CameraPhase::connecting, "connecting"},
                                                                  {CameraPhase::playing, "playing"},
                                                                  {CameraPhase::retrying, "retrying"},
                                                                  {CameraPhase::refused, "refused"}}};
inline constexpr std::array<Named<RecordingPhase>, 3> kRecordingPhases{
    {{RecordingPhase::recording, "recording"},
     {RecordingPhase::failing, "failing"},
     {RecordingPhase::ended, "ended"}}};
inline constexpr std::array<Named<LinkState>, 4> kLinkStates{{{LinkState::connecting, "connecting"},
                                                              {LinkState::up, "up"},
                                                              {LinkState::silent, "silent"},
                                                              {LinkState::down, "down"}}};
inline constexpr std::array<Named<CommandState>, 8> kCommandStates{
    {{CommandState::sent, "sent"},
     {CommandState::accepted, "accepted"},
     {CommandState::in_progress, "in_progress"},
     {CommandState::completed, "completed"},
     {CommandState::denied, "denied"},
     {CommandState::failed, "failed"},
     {CommandState::expired, "expired"},
     {CommandState::cancelled, "cancelled"}}};

constexpr const auto& names(VehicleKind) { return kVehicleKinds; }
constexpr const auto& names(TelemetrySource) { return kTelemetrySources; }
constexpr const auto& names(ViewerPhase) { return kViewerPhases; }
constexpr const auto& names(CameraPhase) { return kCameraPhases; }
constexpr const auto& names(RecordingPhase) { return kRecordingPhases; }
constexpr const auto& names(LinkState) { return kLinkStates; }
constexpr const auto& names(CommandState) { return kCommandStates; }

template <typename E>
const char* name_of(E value) noexcept {
    for (const auto& [candidate, name] : names(value)) {
        if (candidate == value) {
            return name;
        }
    }
    return "";
}

// --- Members of each message, listed once; Encoder and Decoder walk the same list ---

struct TextRule {
    bool (*allows)(std::string_view) noexcept;
    std::string_view sentence;
};

inline constexpr std::size_t kMaxSdpBytes = 65536;

inline constexpr TextRule kAnyText{[](std::string_view) noexcept { return true; }, ""};
inline constexpr TextRule kId{is_id, "must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'"};
inline constexpr TextRule kSession{is_session, "must be 8 to 64 of A-Z, a-z, 0-9, '_' and '-'"};
inline constexpr TextRule kSdp{[](std::string_view text) noexcept { return text.size() <= kMaxSdpBytes; },
                               "must be at most 65536 bytes"};
inline constexpr TextRule kCandidate{[](std::string_view text) noexcept { return text.size() <= 1024; },
                                     "must be at most 1024 bytes"};
inline constexpr TextRule kCommandId{
    [](std::string_view text) noexcept { return !text.empty() && text.size() <= 64; },
    "must be 1 to 64 bytes"};

inline constexpr TextRule kCommandName{is_command,
                                       "must be 1 to 32 of a-z, 0-9 and '_', beginning with a letter"};
inline constexpr TextRule kRecordedFile{[](std::string_view text) noexcept {
                                            return text.size() <= 256 &&
                                                   text.find("..") == std::string_view::npos;
                                        },
                                        "must be at most 256 bytes, without '..'"};

struct IntegerRange {
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<int>::max();
};

inline constexpr IntegerRange kCount{0, std::numeric_limits<std::int64_t>::max()};

template <typename M>
struct Layout;

template <>
struct Layout<WorkerLink> {
    static void fields(auto& visit, auto& link) {
        visit.text("uri", link.uri, kAnyText);
        visit.optional("address", link.address, kAnyText);
    }
};

template <>
struct Layout<WorkerCamera> {
    static void fields(auto& visit, auto& camera) {
        visit.text("name", camera.name, kId);
        visit.json("recipe", camera.recipe);
    }
};

template <>
struct Layout<WorkerVehicle> {
    static void fields(auto& visit, auto& vehicle) {
        visit.text("id", vehicle.id, kId);
        visit.name("kind", vehicle.kind);
        visit.optional_part("link", vehicle.link);
        visit.optional_part("control", vehicle.control);
        visit.list("cameras", vehicle.cameras);
    }
};

template <>
struct Layout<Configure> {
    static constexpr std::string_view kType = "configure";
    static void fields(auto& visit, auto& configure) {
        visit.texts("ice_addresses", configure.ice_addresses);
        visit.list("vehicles", configure.vehicles);
        visit.optional("ice_tcp", configure.ice_tcp);
        visit.optional("recordings", configure.recordings, kAnyText);
        visit.optional("ice_ports", configure.ice_ports, kAnyText);
    }
};

template <>
struct Layout<ViewerAdd> {
    static constexpr std::string_view kType = "viewer.add";
    static void fields(auto& visit, auto& viewer) {
        visit.text("session", viewer.session, kSession);
        visit.text("vehicle", viewer.vehicle, kId);
        visit.text("camera", viewer.camera, kId);
        visit.optional("offer", viewer.offer, kSdp);
        visit.optional("rendition", viewer.rendition, kId);
        visit.optional("publishes", viewer.publishes);
    }
};

template <>
struct Layout<ViewerAnswer> {
    static constexpr std::string_view kType = "viewer.answer";
    static void fields(auto& visit, auto& answer) {
        visit.text("session", answer.session, kSession);
        visit.text("sdp", answer.sdp, kSdp);
    }
};

template <>
struct Layout<ViewerCandidate> {
    static constexpr std::string_view kType = "viewer.candidate";
    static void fields(auto& visit, auto& candidate) {
        visit.text("session", candidate.session, kSession);
        visit.integer("mline", candidate.mline, IntegerRange{0, 15});
        visit.text("candidate", candidate.candidate, kCandidate);
    }
};

template <>
struct Layout<ViewerRemove> {
    static constexpr std::string_view kType = "viewer.remove";
    static void fields(auto& visit, auto& viewer) { visit.text("session", viewer.session, kSession); }
};

template <>
struct Layout<Command> {
    static constexpr std::string_view kType = "command";
    static void fields(auto& visit, auto& command) {
        visit.text("id", command.id, kCommandId);
        visit.text("vehicle", command.vehicle, kId);
        visit.text("command", command.command, kCommandName);
        visit.integer("deadline", command.deadline.us,
                      IntegerRange{0, std::numeric_limits<std::int64_t>::max()});
        visit.json("parameters", command.parameters);
        visit.optional_json("mission", command.mission);
    }
};

template <>
struct Layout<GraphRequest> {
    static constexpr std::string_view kType = "graph.get";
    static void fields(auto& visit, auto& request) {
        visit.text("id", request.id, kCommandId);
        visit.text("vehicle", request.vehicle, kId);
        visit.text("camera", request.camera, kId);
    }
};

template <>
struct Layout<Graph> {
    static constexpr std::string_view kType = "graph";
    static void fields(auto& visit, auto& graph) {
        visit.text("id", graph.id, kCommandId);
        visit.json("graph", graph.graph);
    }
};

template <>
struct Layout<Ready> {
    static constexpr std::string_view kType = "ready";
    static void fields(auto& visit, auto& ready) { visit.integer("pid", ready.pid, IntegerRange{}); }
};

template <>
struct Layout<ViewerOffer> {
    static constexpr std::string_view kType = "viewer.offer";
    static void fields(auto& visit, auto& offer) {
        visit.text("session", offer.session, kSession);
        visit.text("sdp", offer.sdp, kSdp);
    }
};

template <>
struct Layout<ViewerState> {
    static constexpr std::string_view kType = "viewer.state";
    static void fields(auto& visit, auto& viewer) {
        visit.text("session", viewer.session, kSession);
        visit.name("state", viewer.state);
        visit.detail("detail", viewer.detail);
    }
};

template <>
struct Layout<ViewerFigures> {
    static constexpr std::string_view kType = "viewer.figures";
    static void fields(auto& visit, auto& figures) {
        visit.text("session", figures.session, kSession);
        visit.integer("bitrate_bps", figures.bitrate_bps, kCount);
        visit.integer("bytes_sent", figures.bytes_sent, kCount);
        visit.integer("packets_sent", figures.packets_sent, kCount);
        visit.integer("packets_resent", figures.packets_resent, kCount);
        visit.integer("packets_lost", figures.packets_lost, kCount);
        visit.integer("loss_permille", figures.loss_permille, IntegerRange{0, 1'000});
        visit.optional("round_trip_us", figures.round_trip_us, IntegerRange{});
        visit.integer("key_frame_requests", figures.key_frame_requests, kCount);
        visit.integer("resend_requests", figures.resend_requests, kCount);
        visit.integer("dropped_frames", figures.dropped_frames, kCount);
        visit.detail("address_kind", figures.address_kind);
        visit.detail("transport", figures.transport);
    }
};

template <>
struct Layout<Telemetry> {
    static constexpr std::string_view kType = "telemetry";
    static void fields(auto& visit, auto& telemetry) {
        visit.text("vehicle", telemetry.vehicle, kId);
        visit.name("source", telemetry.source);
        visit.optional("camera", telemetry.camera, kId);
        visit.sample("sample", telemetry.sample);
    }
};

template <>
struct Layout<Traffic> {
    static constexpr std::string_view kType = "traffic";
    static void fields(auto& visit, auto& traffic) {
        visit.text("link", traffic.link, kAnyText);
        visit.text("address", traffic.address, kAnyText);
        visit.sample("sample", traffic.sample);
    }
};

template <>
struct Layout<CameraState> {
    static constexpr std::string_view kType = "camera.state";
    static void fields(auto& visit, auto& camera) {
        visit.text("vehicle", camera.vehicle, kId);
        visit.text("camera", camera.camera, kId);
        visit.name("state", camera.state);
        visit.detail("detail", camera.detail);
        visit.optional("codec", camera.codec, kAnyText);
        visit.optional("profile", camera.profile, kAnyText);
        visit.optional("width", camera.width, IntegerRange{});
        visit.optional("height", camera.height, IntegerRange{});
        visit.optional("b_frames", camera.b_frames);
        visit.optional("klv", camera.klv);
        visit.optional("audio", camera.audio);
        visit.optional("viewers", camera.viewers, IntegerRange{});
        visit.texts("renditions", camera.renditions);
    }
};

template <>
struct Layout<OutputFigures> {
    static void fields(auto& visit, auto& output) {
        visit.text("name", output.name, kId);
        visit.integer("dropped_frames", output.dropped_frames, kCount);
    }
};

template <>
struct Layout<CameraFigures> {
    static constexpr std::string_view kType = "camera.figures";
    static void fields(auto& visit, auto& figures) {
        visit.text("vehicle", figures.vehicle, kId);
        visit.text("camera", figures.camera, kId);
        visit.integer("frames_per_1000_s", figures.frames_per_1000_s, kCount);
        visit.integer("bitrate_bps", figures.bitrate_bps, kCount);
        visit.integer("frames", figures.frames, kCount);
        visit.integer("bytes", figures.bytes, kCount);
        visit.integer("dropped_frames", figures.dropped_frames, kCount);
        visit.integer("recorded_frames", figures.recorded_frames, kCount);
        visit.integer("recorded_bytes", figures.recorded_bytes, kCount);
        visit.list("outputs", figures.outputs);
    }
};

template <>
struct Layout<RecordingState> {
    static constexpr std::string_view kType = "recording.state";
    static void fields(auto& visit, auto& recording) {
        visit.text("vehicle", recording.vehicle, kId);
        visit.text("camera", recording.camera, kId);
        visit.name("state", recording.state);
        visit.text("file", recording.file, kRecordedFile);
        visit.detail("detail", recording.detail);
    }
};

template <>
struct Layout<LinkCounters> {
    static void fields(auto& visit, auto& counters) {
        visit.counter("bytes_in", counters.bytes_in);
        visit.counter("messages_in", counters.messages_in);
        visit.counter("messages_unknown", counters.messages_unknown);
        visit.counter("bad_checksum", counters.bad_checksum);
        visit.counter("malformed", counters.malformed);
        visit.counter("refused", counters.refused);
        visit.counter("bytes_out", counters.bytes_out);
    }
};

template <>
struct Layout<LinkReport> {
    static constexpr std::string_view kType = "link.state";
    static void fields(auto& visit, auto& link) {
        visit.text("vehicle", link.vehicle, kId);
        visit.name("state", link.state);
        visit.detail("detail", link.detail);
        visit.optional_part("counters", link.counters);
    }
};

template <>
struct Layout<CommandProgress> {
    static constexpr std::string_view kType = "command.update";
    static void fields(auto& visit, auto& progress) {
        visit.text("id", progress.id, kCommandId);
        visit.name("state", progress.state);
        visit.detail("detail", progress.detail);
        visit.detail("target", progress.target);
        visit.optional("resends", progress.resends, IntegerRange{0, 100});
        visit.optional("late", progress.late);
    }
};

template <>
struct Layout<MissionHeld> {
    static constexpr std::string_view kType = "mission.held";
    static void fields(auto& visit, auto& held) {
        visit.text("vehicle", held.vehicle, kId);
        visit.text("command", held.command, kCommandId);
        visit.json("mission", held.mission);
    }
};

template <>
struct Layout<MissionProgress> {
    static constexpr std::string_view kType = "mission.progress";
    static void fields(auto& visit, auto& progress) {
        visit.text("vehicle", progress.vehicle, kId);
        visit.optional("current", progress.current, IntegerRange{0, 65535});
        visit.optional("reached", progress.reached, IntegerRange{0, 65535});
        visit.optional("count", progress.count, IntegerRange{0, 65535});
    }
};

} // namespace masthead::control::layout
