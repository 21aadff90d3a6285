// A simulated camera: frames at exact instants, drawn from the true pose of each, pushed into a pipeline's
// appsrc.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "simulator/picture.hpp"
#include "simulator/sim_clock.hpp"
#include "simulator/world.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace masthead::sim {

struct VideoOptions {
    int width = 640;   // even, 160..3840
    int height = 360;  // even, 120..2160
    int rate_num = 30; // frames a second, as a fraction
    int rate_den = 1;
    int bitrate_kbps = 1500;
    int gop_frames = 0; // 0: one second
    int b_frames = 0;
    std::string profile = "constrained-baseline"; // or baseline, main, high
    int cell_px = kBarcodeCellPx;
};

/// When frame `index` is taken: `start` + index / rate, in whole microseconds.
[[nodiscard]] Utc frame_time(Utc start, std::int64_t index, const VideoOptions& options);

struct Frame {
    std::uint32_t index = 0;
    Truth truth; // truth.sample.time is the capture time
};

/// What a camera films and how.
struct CameraScene {
    std::shared_ptr<const Vehicle> self;  // carries the camera
    std::shared_ptr<const Vehicle> other; // something to look at; may be empty
    VideoOptions video;
    SimClock clock;
};

/// Draws frames. Thread: any one at a time.
class FrameMaker {
  public:
    explicit FrameMaker(CameraScene scene);

    /// The frame's picture with the block in its corner, I420, no times set but the capture time as a
    /// timestamp/x-unix GstReferenceTimestampMeta. `frame` receives what is true at `t`.
    [[nodiscard]] Ref<GstBuffer> make(std::uint32_t index, Utc t, Frame& frame);
    [[nodiscard]] const Picture& picture() const noexcept { return picture_; }

  private:
    CameraScene scene_;
    Picture picture_;
};

/// Launch text of "raw pictures in, H.264 byte-stream access units with MISP-time SEI out", beginning with
/// `appsrc name=camera`.
[[nodiscard]] std::string camera_launch(const VideoOptions& options);

/// Not found, with what to do, when one of the elements that camera_launch() names is missing.
[[nodiscard]] Result<void> check_elements(std::initializer_list<const char*> names);

/// Pushes frames at their instants from its own thread until destroyed. A frame whose instant has passed by
/// more than one frame's time is left out (its number too), so pictures are never late.
class CameraFeed {
  public:
    /// Called on the feed's thread just after the frame's video buffer went out; the PTS is the buffer's.
    using AfterFrame = std::function<void(const Frame&, GstClockTime pts, GstClockTime duration)>;

    /// `source` is the pipeline's appsrc; the pipeline must play (or begin to) when this is made.
    CameraFeed(CameraScene scene, Ref<GstElement> source, AfterFrame after_frame = {});
    /// Stops. Unblock the pipeline first (state NULL) or this waits for the push under way.
    ~CameraFeed();
    CameraFeed(const CameraFeed&) = delete;
    CameraFeed& operator=(const CameraFeed&) = delete;

  private:
    void run();
    bool wait_until(std::int64_t mono_us);

    CameraScene scene_;
    FrameMaker maker_;
    Ref<GstElement> source_;
    AfterFrame after_frame_;
    std::mutex mutex_; // guards stopping_
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace masthead::sim
