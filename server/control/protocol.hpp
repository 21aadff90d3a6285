// The messages between server and worker: one struct for each of schema/worker.schema.json, to and from one
// line of JSON.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/telemetry/sample.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace masthead::control {

inline constexpr std::size_t kMaxLineBytes = 1 << 20; // without the line feed

enum class VehicleKind : std::uint8_t { drone, vessel };
enum class TelemetrySource : std::uint8_t { link, camera };
enum class ViewerPhase : std::uint8_t { connecting, connected, failed, closed };
enum class CameraPhase : std::uint8_t { connecting, playing, retrying, refused };
enum class RecordingPhase : std::uint8_t { recording, failing, ended };
enum class LinkState : std::uint8_t {
    connecting,
    up,
    silent,
    down
}; // silent: connected, nothing good for 3 s
enum class CommandState : std::uint8_t {
    sent,
    accepted,
    in_progress,
    completed,
    denied,
    failed,
    expired,
    cancelled
};

/// Who is speaking on a link, as its protocol says it: MAVLink system id "1", MMSI "244123456", "own".
using LinkAddress = std::string;

struct WorkerLink {
    std::string uri;                    // as open_link() takes it
    std::optional<LinkAddress> address; // who on the link is this vehicle; absent: the first who speaks
    friend bool operator==(const WorkerLink&, const WorkerLink&) = default;
};

struct WorkerCamera {
    std::string name;   // ^[a-z0-9][a-z0-9-]{0,62}$
    std::string recipe; // JSON object text: a checked pipeline file (schema/pipeline.schema.json), parameters
                        // filled in
    friend bool operator==(const WorkerCamera&, const WorkerCamera&) = default;
};

struct WorkerVehicle {
    std::string id; // ^[a-z0-9][a-z0-9-]{0,62}$
    VehicleKind kind = VehicleKind::drone;
    std::optional<WorkerLink> link;
    std::optional<WorkerLink>
        control; // for commands, where `link` carries none (NMEA 0183); its samples are used too
    std::vector<WorkerCamera> cameras;
    friend bool operator==(const WorkerVehicle&, const WorkerVehicle&) = default;
};

// Server -> worker

/// The first line: everything this worker runs.
struct Configure {
    std::vector<std::string> ice_addresses; // local addresses viewers may connect to; empty: all
    std::vector<WorkerVehicle> vehicles;
    std::optional<bool> ice_tcp;           // viewers may come over TCP too; absent: no
    std::optional<std::string> recordings; // folder, absolute; absent: nothing is recorded
    std::optional<std::string> ice_ports;  // "40000-40999"; absent: any
    friend bool operator==(const Configure&, const Configure&) = default;
};

/// `session`: ^[A-Za-z0-9_-]{8,64}$, made by the server, unique for ever.
struct ViewerAdd {
    std::string session;
    std::string vehicle;
    std::string camera;
    std::optional<std::string> offer; // of a viewer that makes one: ViewerAnswer comes back, no ViewerOffer
    std::optional<std::string> rendition; // absent: the one that the camera gives unless asked
    std::optional<bool> publishes;        // true: who offers sends the camera its video; needs an offer
    friend bool operator==(const ViewerAdd&, const ViewerAdd&) = default;
};

/// Both ways: to a worker's offer, or to a viewer's own.
struct ViewerAnswer {
    std::string session;
    std::string sdp; // at most 65536 bytes
    friend bool operator==(const ViewerAnswer&, const ViewerAnswer&) = default;
};

/// Both ways.
struct ViewerCandidate {
    std::string session;
    int mline = 0;         // 0..15
    std::string candidate; // at most 1024 bytes
    friend bool operator==(const ViewerCandidate&, const ViewerCandidate&) = default;
};

struct ViewerRemove {
    std::string session;
    friend bool operator==(const ViewerRemove&, const ViewerRemove&) = default;
};

/// A known id or a passed deadline is not sent to the vehicle.
struct Command {
    std::string id; // at most 64 bytes
    std::string vehicle;
    std::string command; // ^[a-z][a-z0-9_]{0,31}$, of schema/commands.json
    Utc deadline;
    std::string parameters = "{}"; // JSON object text
    std::optional<std::string> mission =
        {}; // of an upload: JSON object text, items as MissionItem (openapi.yaml)
    friend bool operator==(const Command&, const Command&) = default;
};

/// Asks for a camera's pipeline as it runs now.
struct GraphRequest {
    std::string id; // at most 64 bytes
    std::string vehicle;
    std::string camera;
    friend bool operator==(const GraphRequest&, const GraphRequest&) = default;
};

// Worker -> server

/// The answer to a GraphRequest.
struct Graph {
    std::string id;
    std::string graph; // JSON object text: elements and links of CameraGraph (openapi.yaml)
    friend bool operator==(const Graph&, const Graph&) = default;
};

/// Configured and running.
struct Ready {
    std::int64_t pid = 0;
    friend bool operator==(const Ready&, const Ready&) = default;
};

struct ViewerOffer {
    std::string session;
    std::string sdp;
    friend bool operator==(const ViewerOffer&, const ViewerOffer&) = default;
};

/// failed and closed end the session.
struct ViewerState {
    std::string session;
    ViewerPhase state = ViewerPhase::connecting;
    std::string detail; // "" when there is nothing to say
    friend bool operator==(const ViewerState&, const ViewerState&) = default;
};

/// What a connected viewer was sent and says it received; every 2 s. Counts are since it joined.
struct ViewerFigures {
    std::string session;
    std::uint64_t bitrate_bps = 0; // since the figures before
    std::uint64_t bytes_sent = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_resent = 0; // of those sent
    std::uint64_t packets_lost = 0;   // by its reports
    int loss_permille = 0;            // in its latest report's interval
    std::optional<int> round_trip_us;
    std::uint64_t key_frame_requests = 0;
    std::uint64_t resend_requests = 0;
    std::uint64_t dropped_frames = 0; // not sent because it was too slow
    std::string address_kind;         // host, srflx, prflx, relay; "" if unknown
    std::string transport;            // udp, tcp; "" if unknown
    friend bool operator==(const ViewerFigures&, const ViewerFigures&) = default;
};

/// What a vehicle said since the last message (source link), or what its camera's KLV says (source camera). A
/// sample holds only the fields that were said: merge it over what is known.
struct Telemetry {
    std::string vehicle;
    TelemetrySource source = TelemetrySource::link;
    std::optional<std::string> camera; // with source camera
    Sample sample;
    friend bool operator==(const Telemetry&, const Telemetry&) = default;
};

/// What nobody of ours said on a link (AIS targets).
struct Traffic {
    std::string link; // the link's URI
    LinkAddress address;
    Sample sample;
    friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// The whole state, sent when something in it changed.
struct CameraState {
    std::string vehicle;
    std::string camera;
    CameraPhase state = CameraPhase::connecting;
    std::string detail; // a sentence: what is wrong and what to do; "" when all is well
    std::optional<std::string> codec;
    std::optional<std::string> profile;
    std::optional<int> width; // pixels
    std::optional<int> height;
    std::optional<bool> b_frames;
    std::optional<bool> klv;
    std::optional<bool> audio;
    std::optional<int> viewers;
    std::vector<std::string> renditions; // that viewers may choose from, the first unless they do
    friend bool operator==(const CameraState&, const CameraState&) = default;
};

/// Of an output besides viewers: a recording, another system.
struct OutputFigures {
    std::string name;                 // "record", or as the recipe calls it
    std::uint64_t dropped_frames = 0; // that it was too slow for
    friend bool operator==(const OutputFigures&, const OutputFigures&) = default;
};

/// What came from a camera, and what became of it; every 2 s. Counts are since the worker began.
struct CameraFigures {
    std::string vehicle;
    std::string camera;
    std::uint64_t frames_per_1000_s = 0; // since the figures before, as the next
    std::uint64_t bitrate_bps = 0;
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t dropped_frames = 0;  // that its pipeline was too slow for
    std::uint64_t recorded_frames = 0; // as the next, of what was written
    std::uint64_t recorded_bytes = 0;
    std::vector<OutputFigures> outputs;
    friend bool operator==(const CameraFigures&, const CameraFigures&) = default;
};

/// For each GOP that is on the disk, and when the state changes. What is recorded stands in the files; this
/// says that there is more of it.
struct RecordingState {
    std::string vehicle;
    std::string camera;
    RecordingPhase state = RecordingPhase::recording;
    std::string file;   // under the folder for recordings, "VEHICLE/CAMERA/DAY/TIME.ts"; "": none yet
    std::string detail; // failing: why
    friend bool operator==(const RecordingState&, const RecordingState&) = default;
};

/// Since the link was opened.
struct LinkCounters {
    std::uint64_t bytes_in = 0;
    std::uint64_t messages_in = 0;      // decoded and used
    std::uint64_t messages_unknown = 0; // well formed, of no use here
    std::uint64_t bad_checksum = 0;
    std::uint64_t malformed = 0;
    std::uint64_t refused = 0; // without a valid signature where one is required
    std::uint64_t bytes_out = 0;
    friend bool operator==(const LinkCounters&, const LinkCounters&) = default;
};

/// Sent at most once a second and when the state changes.
struct LinkReport {
    std::string vehicle;
    LinkState state = LinkState::connecting;
    std::string detail;
    std::optional<LinkCounters> counters; // of the whole link, also when vehicles share it
    friend bool operator==(const LinkReport&, const LinkReport&) = default;
};

struct CommandProgress {
    std::string id;
    CommandState state = CommandState::sent;
    std::string detail;              // the vehicle's own words or code, or why it was not sent
    std::string target = {};         // sent: to whom, in the link's words
    std::optional<int> resends = {}; // sent: how often it was sent again by the protocol's rule
    std::optional<bool> late = {};   // true: it had expired; what the vehicle said after all
    friend bool operator==(const CommandProgress&, const CommandProgress&) = default;
};

/// The mission that a vehicle holds, as it was read from it for a command.
struct MissionHeld {
    std::string vehicle;
    std::string command; // its id
    std::string mission; // JSON object text, items as MissionItem (openapi.yaml)
    friend bool operator==(const MissionHeld&, const MissionHeld&) = default;
};

/// How far a vehicle is in its mission, when that changed. Items are counted from 0.
struct MissionProgress {
    std::string vehicle;
    std::optional<int> current; // on its way to this one
    std::optional<int> reached; // the last one that it told of
    std::optional<int> count;
    friend bool operator==(const MissionProgress&, const MissionProgress&) = default;
};

using Message =
    std::variant<Configure, ViewerAdd, ViewerAnswer, ViewerCandidate, ViewerRemove, Command, GraphRequest,
                 Graph, Ready, ViewerOffer, ViewerState, ViewerFigures, Telemetry, Traffic, CameraState,
                 CameraFigures, RecordingState, LinkReport, CommandProgress, MissionHeld, MissionProgress>;

/// "viewer.add": the member `type` of the message.
[[nodiscard]] std::string_view type_of(const Message& message) noexcept;

/// One JSON object without a line feed.
[[nodiscard]] std::string encode(const Message& message);

/// Errors: too_large; malformed (no JSON object); unsupported (unknown type); invalid_argument naming the
/// message, the member and the rule it breaks. Unknown members are ignored. A sample without `time` is
/// refused.
[[nodiscard]] Result<Message> decode(std::string_view line);

[[nodiscard]] bool is_id(std::string_view text) noexcept;      // ^[a-z0-9][a-z0-9-]{0,62}$
[[nodiscard]] bool is_session(std::string_view text) noexcept; // ^[A-Za-z0-9_-]{8,64}$
[[nodiscard]] bool is_command(std::string_view text) noexcept; // ^[a-z][a-z0-9_]{0,31}$

[[nodiscard]] const char* to_string(VehicleKind kind) noexcept;
[[nodiscard]] const char* to_string(ViewerPhase phase) noexcept;
[[nodiscard]] const char* to_string(CameraPhase phase) noexcept;
[[nodiscard]] const char* to_string(RecordingPhase phase) noexcept;
/// The one of `phases` that is called so.
template <typename Phase>
[[nodiscard]] std::optional<Phase> phase_named(std::string_view name, std::initializer_list<Phase> phases) {
    for (const Phase phase : phases) {
        if (name == to_string(phase)) {
            return phase;
        }
    }
    return std::nullopt;
}
[[nodiscard]] const char* to_string(LinkState state) noexcept;
[[nodiscard]] const char* to_string(CommandState state) noexcept;

} // namespace masthead::control
