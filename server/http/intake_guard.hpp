// Cuts off clients that send a WebSocket message without end.
#pragma once

#include <gio/gio.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace masthead::http {

/// What one connection has taken in since its last whole message. Thread-safe.
class Intake {
  public:
    Intake(GSocket* socket, std::string user);
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    /// A message has ended: counting begins anew.
    void message_ended() noexcept { at_last_message_ = bytes_received(); }
    /// Ends the connection if too much came in without a message's end.
    void check() noexcept;

  private:
    [[nodiscard]] std::uint64_t bytes_received() const noexcept;

    int fd_; // a duplicate: libsoup closes its own when it likes
    std::string user_;
    std::atomic<std::uint64_t> at_last_message_ = 0;
    bool cut_ = false; // the guard's thread
};

/// libsoup 3.2 bounds frames, not messages made of many (from 3.6.5 on max-total-message-size does), and
/// reads a socket until it is empty before it gives control back: a client on a fast network can keep the
/// main loop busy for as long as it sends. So the guard has a thread of its own.
class IntakeGuard {
  public:
    IntakeGuard();
    ~IntakeGuard();
    IntakeGuard(const IntakeGuard&) = delete;
    IntakeGuard& operator=(const IntakeGuard&) = delete;

    /// Until the intake is gone. Thread-safe.
    void watch(const std::shared_ptr<Intake>& intake);

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::weak_ptr<Intake>> intakes_; // under the mutex
    bool ending_ = false;                        // under the mutex
    std::thread thread_;
};

} // namespace masthead::http
