// The thread that hashes.
#include "server/auth/password_desk.hpp"

#include "server/auth/secrets.hpp"

#include <memory>

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
    struct Answer {
        std::function<void(bool)> done;
        bool right;
    };
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
        auto answer = std::make_unique<Answer>(Answer{std::move(job.done), right});
        g_main_context_invoke_full(
            nullptr, G_PRIORITY_DEFAULT,
            [](gpointer data) -> gboolean {
                const auto* ready = static_cast<Answer*>(data);
                ready->done(ready->right);
                return G_SOURCE_REMOVE;
            },
            answer.release(), [](gpointer data) { delete static_cast<Answer*>(data); });
        lock.lock();
    }
}

} // namespace masthead::auth
