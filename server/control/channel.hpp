// Channel: protocol messages over one end of a socketpair, on a main context, never blocking.
#pragma once

#include "server/control/protocol.hpp"

#include <glib.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace masthead::control {

struct ChannelEvents {
    std::function<void(Message&&)> message;
    /// The other side closed, broke the protocol's limits, or stopped reading. Called once; nothing follows.
    std::function<void(const std::string& reason)> hang_up;
};

struct ChannelCounters {
    std::uint64_t superseded = 0; // queued news merged into a newer one, or dropped because too many waited
    std::uint64_t ignored_lines = 0; // lines that are no message; logged
};

/// Belongs to its context's thread; call-backs come on it and may destroy the channel.
///
/// What waits because the other side does not read: telemetry, traffic, camera and link states wait as at
/// most one message for each subject (telemetry merged, of the others the newest stands) and at most 1024
/// subjects, the oldest goes first. All other messages are never dropped: when more than 4 MiB of them wait,
/// the other side is taken for hung and the channel hangs up.
class Channel {
  public:
    /// Takes over `fd`, a connected stream socket. Error: unavailable (no socket).
    [[nodiscard]] static Result<std::unique_ptr<Channel>> create(int fd, ChannelEvents events,
                                                                 GMainContext* context = nullptr);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// Error: too_large (the line would be longer than the protocol allows; nothing is sent).
    Result<void> send(const Message& message);
    [[nodiscard]] ChannelCounters counters() const noexcept;

  private:
    struct State;
    explicit Channel(std::shared_ptr<State> state) noexcept;
    std::shared_ptr<State> state_;
};

} // namespace masthead::control
