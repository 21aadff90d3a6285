// The life of a vehicle's camera source as a pure state machine: when to connect, when to give up and try
// again.
#pragma once

#include "plugins/bytes/backoff.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace masthead {

enum class SourceState : std::uint8_t { connecting, playing, retrying, refused };

/// "connecting" ... as in the `vehicle-source` message.
[[nodiscard]] const char* to_string(SourceState state) noexcept;

/// What the owner has to do now.
enum class SourceAction : std::uint8_t { none, connect, disconnect };

/// No clock and no I/O: instants are arguments, never going backwards.
class SourceLife {
  public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Reach : std::uint8_t {
        calls,
        listens,   // UDP, RTP: there is no peer that tries must spare
        is_called, // the camera comes to us, nothing is connected before it does
    };

    explicit SourceLife(Reach reach = Reach::calls) noexcept : reach_(reach) {}

    [[nodiscard]] SourceState state() const noexcept { return state_; }
    /// A sentence; empty while all is well.
    [[nodiscard]] const std::string& detail() const noexcept { return detail_; }

    [[nodiscard]] SourceAction begin(Instant now);
    /// The camera came.
    [[nodiscard]] SourceAction called(Instant now);
    /// A buffer came.
    void data(Instant now);
    /// The source ended or failed. `refused`: trying again will not help until someone changes something
    /// (wrong password, codec that cannot be used); it is tried again all the same, at the longest interval.
    [[nodiscard]] SourceAction failed(Instant now, bool refused, std::string why);
    /// To be called a few times a second: watches for stalls, and ends the back-off.
    [[nodiscard]] SourceAction tick(Instant now);

  private:
    [[nodiscard]] std::chrono::milliseconds pause_after_failure();

    Reach reach_;
    SourceState state_ = SourceState::connecting;
    std::string detail_;
    Backoff backoff_;
    bool connected_ = false; // the owner has a source running
    Instant connected_at_{};
    Instant first_data_{};
    Instant last_data_{};
    Instant retry_at_{};
};

} // namespace masthead
