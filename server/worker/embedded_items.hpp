// EmbeddedItems: what a camera's own KLV carries, so that the link's items only fill in what it lacks.
#pragma once

#include "plugins/klv/local_set.hpp"

#include <chrono>
#include <map>
#include <mutex>

namespace masthead::worker {

/// Thread-safe: written on a streaming thread, read on the main thread; one mutex, held across no call.
class EmbeddedItems {
  public:
    using Instant = std::chrono::microseconds; // of a monotonic clock

    void note(const klv::LocalSet& embedded, Instant now);
    /// Removes from `set` what the camera itself said within the last 5 s; item 2 stays.
    void leave_to_camera(klv::LocalSet& set, Instant now) const;

  private:
    mutable std::mutex mutex_;
    std::map<klv::Tag, Instant> heard_;
};

} // namespace masthead::worker
