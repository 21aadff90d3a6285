// PostBox: values from other threads to a main context's thread, bounded.
#pragma once

#include "plugins/glib/ref.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace masthead::mqtt_link {

/// Any thread puts, the context's thread takes. `mutex_` guards `values_` and `dropped_`; it is never held
/// across a callback.
template <typename T>
class PostBox {
  public:
    /// `ready` runs on `context`'s thread whenever something was put.
    PostBox(GMainContext* context, std::size_t limit, std::function<void()> ready)
        : limit_(limit), ready_(std::move(ready)), source_(g_source_new(&functions_, sizeof(GSource))) {
        g_source_set_callback(source_.get(), &PostBox::on_ready, this, nullptr);
        g_source_attach(source_.get(), context);
    }
    PostBox(const PostBox&) = delete;
    PostBox& operator=(const PostBox&) = delete;

    /// Thread-safe. The oldest value is dropped for a newer one.
    void put(T value) {
        const std::scoped_lock lock(mutex_);
        if (values_.size() >= limit_) {
            values_.pop_front();
            ++dropped_;
        }
        values_.push_back(std::move(value));
        g_source_set_ready_time(source_.get(), 0);
    }
    [[nodiscard]] std::deque<T> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(values_, {});
    }
    [[nodiscard]] std::uint64_t dropped() const {
        const std::scoped_lock lock(mutex_);
        return dropped_;
    }
    /// On the context's thread: `ready` is not called again. Others may go on putting until they let go of
    /// the box.
    void close() { g_source_destroy(source_.get()); }

  private:
    static gboolean on_ready(gpointer self) {
        static_cast<PostBox*>(self)->ready_();
        return G_SOURCE_CONTINUE;
    }
    static gboolean dispatch(GSource* source, GSourceFunc callback, gpointer data) {
        g_source_set_ready_time(source, -1);
        return callback(data);
    }
    static inline GSourceFuncs functions_{.dispatch = &PostBox::dispatch};

    const std::size_t limit_;
    const std::function<void()> ready_;
    mutable std::mutex mutex_;
    std::deque<T> values_;
    std::uint64_t dropped_ = 0;
    Owned<GSource> source_;
};

} // namespace masthead::mqtt_link
