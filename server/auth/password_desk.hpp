// Checks passwords one after another on a thread of its own, so that a flood of sign-ins delays sign-ins
// only.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace masthead::auth {

class PasswordDesk {
  public:
    static constexpr std::size_t kMaxWaiting = 16;

    /// Answers come on the thread of the default GMainContext.
    PasswordDesk();
    /// Waits for the check that is under way; what waits is dropped without an answer.
    ~PasswordDesk();
    PasswordDesk(const PasswordDesk&) = delete;
    PasswordDesk& operator=(const PasswordDesk&) = delete;

    /// Checks `password` against `hash` ("" for a user that does not exist). False: too many wait already,
    /// and `done` is never called. Thread-safe.
    [[nodiscard]] bool check(std::string hash, std::string password, std::function<void(bool right)> done);

  private:
    struct Job {
        std::string hash;
        std::string password;
        std::function<void(bool)> done;
    };
    void work();

    std::mutex mutex_; // guards all below
    std::condition_variable changed_;
    std::deque<Job> waiting_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace masthead::auth
