// EmbeddedItems: what a camera's own KLV carries and how it counts time, so that the link's items fit beside
// it.
#pragma once

#include "plugins/klv/local_set.hpp"
#include "plugins/klv/time.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>

namespace masthead::worker {

/// Thread-safe: written on a streaming thread, read on the main thread; one mutex, held across no call.
class EmbeddedItems {
  public:
    using Instant = std::chrono::microseconds; // of a monotonic clock

    /// `system`: what the recipe says the camera means by its time stamps; nothing: told by what is noted.
    explicit EmbeddedItems(std::optional<klv::TimeSystem> system) : fixed_(system) {}

    void note(const klv::LocalSet& embedded, Instant now, Utc arrival);
    /// How item 2 must be written to be read like the camera's own; POSIX time until the camera was heard.
    [[nodiscard]] klv::TimeSystem system() const;
    /// Removes from `set` what the camera itself said within the last 5 s; item 2 stays.
    void leave_to_camera(klv::LocalSet& set, Instant now) const;

  private:
    const std::optional<klv::TimeSystem> fixed_;
    mutable std::mutex mutex_;
    // Guarded by mutex_:
    std::optional<klv::TimeSystem> detected_;
    std::map<klv::Tag, Instant> heard_;
};

} // namespace masthead::worker
