// Keeps a camera's connection alive: connects, watches, tries again, and says what happens.
#pragma once

#include "plugins/elements/source_life.hpp"
#include "plugins/elements/source_pipeline.hpp"
#include "plugins/elements/vehicle_outputs.hpp"
#include "plugins/glib/loop_thread.hpp"
#include "plugins/glib/timer.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace masthead {

struct SupervisorSettings {
    SourceUri uri;
    SourceWishes wishes;
    bool reconnect = true;
    IceSettings ice;     // for SourceKind::whip
    Ref<GstClock> clock; // none: the source is not live
    GstClockTime base_time = 0;
};

/// What the element hears; on the supervisor's thread.
struct SupervisorEvents {
    std::function<void(SourceState, const std::string& detail, const StreamFacts&)> state;
    /// What an element of the connection has to say to the application.
    std::function<void(const GstStructure*)> said;
    /// Without reconnect: the source failed for good.
    std::function<void(const std::string& why)> failed;
    /// For SourceKind::whip: who publishes is told our answer, and its session's states: connecting,
    /// connected, and at the end failed or closed.
    std::function<void(const std::string& session, const std::string& sdp)> answer;
    std::function<void(const std::string& session, const char* state, const std::string& detail)> publisher;
};

/// Thread: create, change and destroy on one thread (the one that changes the element's state); destroying
/// waits until no output runs any more. Everything else happens on its own thread.
class SourceSupervisor {
  public:
    /// `outputs` outlives this.
    SourceSupervisor(SupervisorSettings settings, VehicleOutputs& outputs, SupervisorEvents events);
    ~SourceSupervisor();

    void set_base_time(GstClockTime base_time);
    /// Disconnects for good and ends the streams, soon. Any thread.
    void finish();
    /// Looks at the outputs' facts soon. Any thread.
    void wake();
    /// Asks the source for a key frame, soon. Any thread.
    void want_key_frame();

    /// For SourceKind::whip; any thread. One at a time: error conflict while another publishes.
    [[nodiscard]] Result<void> add_publisher(const std::string& session, CheckedOffer offer);
    /// `candidate`: check_candidate()'s. Nothing for a session that is not there.
    void add_candidate(const std::string& session, const std::string& candidate);
    void remove_publisher(const std::string& session);

  private:
    [[nodiscard]] static SourceLife::Reach reach_of(SourceKind kind) noexcept;
    void connect();
    void disconnect();
    void act(SourceAction action);
    void look();
    void take_message(GstMessage* message);
    void fail(bool refused, std::string why);
    void tell();
    void take_publisher(const std::string& session, CheckedOffer offer);
    void end_publisher();
    [[nodiscard]] std::optional<Publication> publication();

    /// Who publishes, from its offer to its last state.
    struct Publishing {
        std::string session;
        CheckedOffer offer;
        std::size_t candidates = 0;
        bool left = false; // by itself
    };

    SupervisorSettings settings_;
    VehicleOutputs& outputs_;
    SupervisorEvents events_;
    std::mutex place_mutex_;
    std::string place_; // guarded by place_mutex_: the session that publishes or will, or ""
    // Of the loop's thread:
    SourceLife life_{reach_of(settings_.uri.kind)};
    std::optional<Publishing> publishing_;
    std::unique_ptr<SourcePipeline> source_;
    bool finished_ = false;
    std::uint64_t connection_ = 0; // tells late tasks of an earlier connection from those of this one
    Owned<GSource> bus_watch_;
    struct Told {
        SourceState state;
        std::string detail;
        StreamFacts facts;
        friend bool operator==(const Told&, const Told&) = default;
    };
    std::optional<Told> told_;
    LoopThread loop_{"vehiclesrc"}; // its thread uses all of the above
    Timer ticker_{loop_.context(), [this] { look(); }};
};

} // namespace masthead
