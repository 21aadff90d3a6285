// Backoff: how long to wait before the next try, 0.5 s doubling to 10 s.
#pragma once

#include <algorithm>
#include <chrono>

namespace masthead {

class Backoff {
  public:
    [[nodiscard]] std::chrono::milliseconds next() noexcept {
        const auto delay = delay_;
        delay_ = std::min(delay_ * 2, std::chrono::milliseconds(10'000));
        return delay;
    }
    void reset() noexcept { delay_ = std::chrono::milliseconds(500); }

  private:
    std::chrono::milliseconds delay_{500};
};

} // namespace masthead
