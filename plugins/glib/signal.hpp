// GObject signals to C++ functions.
#pragma once

#include <glib-object.h>

#include <functional>
#include <memory>
#include <type_traits>

namespace masthead {

/// Calls `what` with the signal's arguments (without the object) whenever `object` emits `signal`, on the
/// emitting thread, until the object is gone. `Args` must be the signal's C types: connect<const gchar*,
/// guint>(...). Capture weak pointers.
template <typename... Args>
gulong connect(gpointer object, const char* signal, std::type_identity_t<std::function<void(Args...)>> what) {
    using Function = std::function<void(Args...)>;
    const auto call =
        +[](gpointer, Args... args, gpointer data) { (*static_cast<Function*>(data))(args...); };
    const auto drop = +[](gpointer data, GClosure*) {
        const std::unique_ptr<Function> owned(static_cast<Function*>(data));
    };
    return g_signal_connect_data(object, signal, G_CALLBACK(call),
                                 std::make_unique<Function>(std::move(what)).release(), drop,
                                 static_cast<GConnectFlags>(0));
}

} // namespace masthead
