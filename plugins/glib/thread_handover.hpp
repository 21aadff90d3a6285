// Tells ThreadSanitizer of a hand-over it cannot see.
#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace masthead {

/// The last thing done to `what` before another thread may take it through a GMainContext, whose locks
/// ThreadSanitizer does not see. Nothing at all in other builds.
inline void handed_over([[maybe_unused]] void* what) noexcept {
#ifdef __SANITIZE_THREAD__
    __tsan_release(what);
#endif
}

/// The first thing the other thread does with it: all that the first did before handed_over() has happened.
inline void taken_over([[maybe_unused]] void* what) noexcept {
#ifdef __SANITIZE_THREAD__
    __tsan_acquire(what);
#endif
}

} // namespace masthead
