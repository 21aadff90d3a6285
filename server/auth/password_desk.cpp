// The thread that hashes.
#include "server/auth/password_desk.hpp"

#include "plugins/glib/main_loop.hpp"
#include "server/auth/secrets.hpp"

namespace masthead::auth {

PasswordDesk::PasswordDesk() : thread_([this] { work(); }) {}

PasswordDesk::~PasswordDesk() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool PasswordDesk::check(std::string hash, std::string password, std::function<void(bool)> done) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= kMaxWaiting) {
            return false;
        }
        waiting_.push_back({std::move(hash), std::move(password), std::move(done)});
    }
    changed_.notify_one();
    return true;
}

void PasswordDesk::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (ending_) {
            return;
        }
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        const bool right = verify_password(job.hash, job.password);
        on_main_loop([done = std::move(job.done), right] { done(right); });
        lock.lock();
    }
}

} // namespace masthead::auth
