// Backoff: how long to wait before trying again. A pure value.
#pragma once

#include <algorithm>
#include <chrono>

namespace masthead {

/// Doubles from `first` to `most` with each failure in a row.
struct Backoff {
    std::chrono::milliseconds first{500};
    std::chrono::milliseconds most{10'000};
    int failures = 0;

    /// Counts a failure and says how long to wait after it.
    [[nodiscard]] std::chrono::milliseconds failed() noexcept {
        const std::chrono::milliseconds doubled = first * (1 << std::min(failures, 20));
        ++failures;
        return std::min(doubled, most);
    }
    void healthy() noexcept { failures = 0; }
    friend bool operator==(const Backoff&, const Backoff&) = default;
};

} // namespace masthead
