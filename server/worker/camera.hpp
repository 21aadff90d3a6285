// Camera: one camera of a vehicle at run time: its pipeline, restarted when it breaks, and its viewers.
#pragma once

#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/loop_thread.hpp"
#include "plugins/glib/timer.hpp"
#include "server/config/recipe.hpp"
#include "server/control/protocol.hpp"
#include "server/worker/camera_flow.hpp"
#include "server/worker/camera_pipeline.hpp"
#include "server/worker/pipeline_life.hpp"
#include "server/worker/restream_output.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace masthead::worker {

struct CameraSettings {
    std::string vehicle;
    std::string name;
    Recipe recipe;
    std::string ice_addresses; // comma separated
    std::string ice_ports;     // FIRST-LAST; empty: any
    bool ice_tcp = false;
    std::string recordings; // the folder for those of all cameras; empty: nothing is recorded
};

/// Threads: everything here is called, and says, on the main thread. The pipeline's signals and samples come
/// on GStreamer's threads and are posted. State changes of the pipeline, which a broken camera can make last,
/// run on the camera's own side thread, so that no other camera waits for them.
class Camera : public std::enable_shared_from_this<Camera> {
  public:
    using Say = std::function<void(const control::Message&)>;

    Camera(CameraSettings settings, Say say);

    /// Once.
    void start();
    /// Takes the pipeline and the outputs down; `ended` is called once, nothing is said afterwards.
    void stop(std::function<void()> ended);

    /// A viewer waits when there is no video yet, and is told so. Who offers is told an answer. Errors:
    /// already_exists, not_found (no such rendition).
    [[nodiscard]] Result<void> add_session(const control::ViewerAdd& session);
    /// Errors: not_found; invalid_argument (why the element refused it).
    [[nodiscard]] Result<void> set_answer(const std::string& session, const std::string& sdp);
    [[nodiscard]] Result<void> add_candidate(const control::ViewerCandidate& candidate);
    void remove_session(const std::string& session);

    /// What the vehicle's link said; used when the recipe wants it.
    void take_link_sample(const Sample& sample);

    /// The pipeline as it runs now (graph.hpp); without elements while there is none.
    [[nodiscard]] std::string graph() const;

    [[nodiscard]] const CameraSettings& settings() const noexcept { return settings_; }

  private:
    /// Where GStreamer's threads hand over to the main thread, for one pipeline: later ones take no notice.
    struct Home {
        std::weak_ptr<Camera> camera;
        std::uint64_t generation;
        void run(std::function<void(Camera&)> what) const;
    };
    /// Of a viewer, or of who sends the video.
    struct Session {
        control::ViewerPhase phase = control::ViewerPhase::connecting;
        bool admitted = false; // its element knows it
        std::optional<std::string> offer;
        bool publishes = false;
        std::string rendition; // "" for the camera's own
    };

    void start_outputs();
    void take_recording(const GstStructure& said);
    void feed(LifeInput input);
    void act(LifeAction action);
    void arm_timer();
    void build();
    void listen();
    void started(bool well);
    void tear_down();
    void fail(const std::string& why);
    void take_bus_message(GstMessage* message);
    void take_source_state(const GstStructure& said);
    void take_session_state(const std::string& session, const std::string& state, const std::string& detail);
    void take_frame_telemetry(const Sample& sample);
    void admit(const std::string& session);
    void listen_to(GstElement* element, const char* state_signal);
    void listen_to_viewers(GstElement* sink);
    [[nodiscard]] Result<std::string> rendition_for(const control::ViewerAdd& add) const;
    /// Of those that `session` is a session of; borrowed.
    [[nodiscard]] GstElement* element_of(const Session& session) const;
    void wake_rendition(const std::string& rendition);
    void rest_later();
    void rest_renditions();
    void end_sessions(const std::string& detail);
    void end_session(const std::string& session, control::ViewerPhase phase, const std::string& detail);
    void say_status(control::CameraState status);
    void say_outputs();
    void say_figures();
    [[nodiscard]] control::CameraState status_with(control::CameraPhase phase, std::string detail) const;
    [[nodiscard]] control::CameraState status_with_viewers() const;
    [[nodiscard]] Result<void> ask_element(const char* what, const std::string& session,
                                           const std::function<gchar*(GstElement*)>& ask);
    [[nodiscard]] int connected_viewers() const;
    [[nodiscard]] std::vector<std::string> rendition_names() const;
    void lose_sound(const std::string& why);
    void regain_sound();
    void say_sound();

    CameraSettings settings_;
    Say say_;
    PipelineLife life_;
    Timer timer_{nullptr, [this] { feed(LifeInput::timer); }};
    std::optional<CameraPipeline> pipeline_;
    Owned<GSource> bus_watch_;
    std::uint64_t generation_ = 0; // of the pipeline
    bool started_ = false;         // elements take sessions
    std::string reason_;           // why the pipeline cannot go on
    bool has_sound_ = false;       // the camera sends some, and the recipe wants it
    std::string sound_trouble_;    // why it cannot be used
    Backoff sound_backoff_{.first = std::chrono::seconds(2), .most = std::chrono::minutes(5)};
    Timer sound_timer_{nullptr, [this] { regain_sound(); }};
    Timer rest_timer_{nullptr, [this] { rest_renditions(); }};
    control::CameraState status_; // without what sound and outputs add to it
    control::CameraState said_;
    CameraFlow flow_;
    CameraFlow::Totals flow_told_;
    std::chrono::steady_clock::time_point flow_told_at_;
    Timer figures_timer_{nullptr, [this] { say_figures(); }};
    FrameTaps taps_;
    std::vector<std::shared_ptr<RestreamOutput>> outputs_;
    std::map<std::string, Session> sessions_;
    std::function<void()> ended_;
    LoopThread side_{"camera-state"}; // last: its thread ends before anything else goes
};

} // namespace masthead::worker
