// FrameTap: hands a running camera's encoded frames, with the KLV they carry, to pipelines of their own.
#pragma once

#include "plugins/glib/ref.hpp"
#include "server/config/recipe.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace masthead::worker {

/// Thread-safe: frames come on a streaming thread, outlets join and leave on any. It lives longer than a
/// camera's pipeline, so that outputs go on when that is built anew. Never blocks: an outlet that does not
/// keep up skips to the next key frame.
class FrameTap : public std::enable_shared_from_this<FrameTap> {
  public:
    /// Frames go to the outlet for as long as this lives.
    using Place = std::shared_ptr<void>;

    /// `outlet`: an appsrc (format time, not blocking) of a pipeline that runs by the system clock; it gets
    /// frames once that plays, from a key frame on. `name` is for the log.
    [[nodiscard]] Place join(Ref<GstElement> outlet, std::string name);

    /// `sample`: of a pipeline with the system clock and `base_time`. True: somebody waits for a key frame.
    [[nodiscard]] bool take(GstSample* sample, GstClockTime base_time);

    /// Frames that outlets did not get because they were too slow, by name, of those that left as well.
    [[nodiscard]] std::map<std::string, std::uint64_t> dropped_frames() const;

  private:
    struct Outlet;

    mutable std::mutex mutex_; // held across no call
    std::vector<std::shared_ptr<Outlet>> outlets_;
    std::map<std::string, std::uint64_t> dropped_frames_;
};

/// By rendition; "": the camera's own video.
using FrameTaps = std::map<std::string, std::shared_ptr<FrameTap>>;
/// One for each encoding that an output of `recipe` sends.
[[nodiscard]] FrameTaps taps_of(const Recipe& recipe);

/// Makes `appsink` of a pipeline with the system clock feed `tap`.
void feed_tap(GstElement* appsink, std::shared_ptr<FrameTap> tap);

} // namespace masthead::worker
