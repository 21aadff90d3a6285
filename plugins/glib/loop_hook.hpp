// What the closure of a C callback holds when it belongs to an object of another thread that may be gone by
// then.
#pragma once

#include "plugins/glib/loop_thread.hpp"

#include <memory>

namespace masthead {

/// Any thread may call post(); `function(T&)` runs on the loop's thread, or not at all when nobody holds the
/// object any more. `loop` outlives the hook.
template <typename T>
struct LoopHook {
    std::weak_ptr<T> object;
    LoopThread* loop;

    template <typename Function>
    void post(Function function) const {
        loop->post([object = object, function = std::move(function)] {
            if (const auto alive = object.lock()) {
                function(*alive);
            }
        });
    }
};

/// For GClosureNotify and GDestroyNotify: T* as user data.
template <typename T>
void destroy_hook(gpointer data) {
    delete static_cast<T*>(data);
}

template <typename T>
void destroy_closure_hook(gpointer data, GClosure*) {
    delete static_cast<T*>(data);
}

} // namespace masthead
