// SampleThrottle: lets each speaker's samples through at a bounded rate; what comes in between is merged,
// newest wins. Pure.
#pragma once

#include "plugins/telemetry/sample.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace masthead::worker {

class SampleThrottle {
  public:
    using Instant = std::chrono::microseconds; // of a monotonic clock

    /// One sample each `interval` from each of at most `most_keys` speakers; the one silent longest makes
    /// room.
    SampleThrottle(std::chrono::milliseconds interval, std::size_t most_keys)
        : interval_(interval), most_keys_(most_keys) {}

    void add(const std::string& key, const Sample& sample, Instant now);
    /// What may go now; a sample holds only the fields said since the last time.
    [[nodiscard]] std::vector<std::pair<std::string, Sample>> take(Instant now);
    /// When take() will next have something.
    [[nodiscard]] std::optional<Instant> due() const;

  private:
    struct Speaker {
        std::optional<Sample> pending;
        Instant heard{};
        Instant next{}; // not before this
    };
    std::chrono::milliseconds interval_;
    std::size_t most_keys_;
    std::map<std::string, Speaker> speakers_;
};

} // namespace masthead::worker
