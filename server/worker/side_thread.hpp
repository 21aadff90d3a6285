// SideThread: runs what may block (state changes of a pipeline) in order, away from the main thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace masthead::worker {

/// run() is thread-safe. The destructor waits for what was handed in, so it must not run on the side thread
/// itself.
class SideThread {
  public:
    SideThread() : thread_([this] { loop(); }) {}
    ~SideThread() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    SideThread(const SideThread&) = delete;
    SideThread& operator=(const SideThread&) = delete;

    void run(std::function<void()> what) {
        {
            const std::lock_guard lock(mutex_);
            queue_.push_back(std::move(what));
        }
        changed_.notify_one();
    }

  private:
    void loop() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
            if (queue_.empty()) {
                return;
            }
            {
                const std::function<void()> what = std::move(queue_.front());
                queue_.pop_front();
                lock.unlock();
                what();
            }
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    // Guarded by mutex_:
    std::deque<std::function<void()>> queue_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace masthead::worker
