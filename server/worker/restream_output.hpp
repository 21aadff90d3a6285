// RestreamOutput: one output of a camera besides viewers (other systems, recordings), at run time: kept going
// whatever happens to it.
#pragma once

#include "plugins/glib/loop_thread.hpp"
#include "plugins/glib/timer.hpp"
#include "server/worker/frame_tap.hpp"
#include "server/worker/pipeline_life.hpp"
#include "server/worker/rtsp_output.hpp"
#include "server/worker/ts_output.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace masthead::worker {

/// Threads: everything here is called, and says, on the main thread. What may block (addresses, connections,
/// state changes) runs on the output's own side thread. The camera's pipeline never waits for it.
class RestreamOutput : public std::enable_shared_from_this<RestreamOutput> {
  public:
    struct Events {
        std::function<void()> changed;                     // trouble() did
        std::function<void(const GstStructure&)> recorded; // recordsink's message; may be empty
    };
    RestreamOutput(Restream settings, std::shared_ptr<FrameTap> tap, Events events);

    void start();
    /// `ended` is called once, nothing is said afterwards.
    void stop(std::function<void()> ended);

    /// Empty while it goes well, else a sentence: what is wrong and what to do.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
    [[nodiscard]] const Restream& settings() const noexcept { return settings_; }

    struct Recorded {
        std::uint64_t frames = 0;
        std::uint64_t bytes = 0;
    };
    /// Since the start; nothing unless it is a recording.
    [[nodiscard]] Recorded recorded() const;

  private:
    /// Where other threads hand over to the main thread, for one attempt: later ones take no notice.
    struct Home {
        std::weak_ptr<RestreamOutput> output;
        std::uint64_t generation;
        void run(std::function<void(RestreamOutput&)> what) const;
    };

    void feed(LifeInput input);
    void act(LifeAction action);
    void build();
    void build_pipeline();
    void build_server();
    void tear_down();
    void take_bus_message(GstMessage* message);
    void fail(std::string why);
    void be_in_trouble(std::string why);
    void settled();

    Restream settings_;
    std::shared_ptr<FrameTap> tap_;
    Events events_;
    std::function<void()> ended_;
    PipelineLife life_;
    Timer life_timer_{nullptr, [this] { feed(LifeInput::timer); }};
    Timer settling_{nullptr, [this] { settled(); }}; // no fault for a while: it goes well
    std::string trouble_;
    std::uint64_t generation_ = 0; // of the attempt
    std::optional<TsOutput> pipeline_;
    Recorded recorded_before_; // by the attempts before this one
    FrameTap::Place place_;
    std::unique_ptr<RtspOutput> server_; // belongs to the side thread
    Owned<GSource> bus_watch_;
    LoopThread side_{"restream"}; // last: its thread ends before anything else goes
};

} // namespace masthead::worker
