// Preloaded by tests/tsan: GLib makes its locks of futexes, so ThreadSanitizer sees neither them nor what
// they keep apart in GStreamer and in elements. Here each lock tells it. Without this every use of
// GST_OBJECT_LOCK, of a pad or of a queue would look like a race, and suppressing those would hide ours.
#include <dlfcn.h>
#include <glib-object.h>
#include <gst/gst.h>

// There in programs built with ThreadSanitizer; absent in those they start, such as PostgreSQL.
extern "C" {
[[gnu::weak]] void __tsan_acquire(void* address);
[[gnu::weak]] void __tsan_release(void* address);
}

namespace {

template <typename Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void acquired(void* what) {
    if (__tsan_acquire) {
        __tsan_acquire(what);
    }
}

void releasing(void* what) {
    if (__tsan_release) {
        __tsan_release(what);
    }
}

/// A reference given back: whoever gives back the last one, and frees the object, comes after all others.
void giving_back(void* object) {
    acquired(object);
    releasing(object);
}

} // namespace

extern "C" {

void g_mutex_lock(GMutex* mutex) {
    static const auto lock = real<void(GMutex*)>("g_mutex_lock");
    lock(mutex);
    acquired(mutex);
}

gboolean g_mutex_trylock(GMutex* mutex) {
    static const auto try_lock = real<gboolean(GMutex*)>("g_mutex_trylock");
    const gboolean locked = try_lock(mutex);
    if (locked) {
        acquired(mutex);
    }
    return locked;
}

void g_mutex_unlock(GMutex* mutex) {
    static const auto unlock = real<void(GMutex*)>("g_mutex_unlock");
    releasing(mutex);
    unlock(mutex);
}

void g_cond_wait(GCond* cond, GMutex* mutex) {
    static const auto wait = real<void(GCond*, GMutex*)>("g_cond_wait");
    releasing(mutex);
    wait(cond, mutex);
    acquired(mutex);
}

gboolean g_cond_wait_until(GCond* cond, GMutex* mutex, gint64 end_us) {
    static const auto wait = real<gboolean(GCond*, GMutex*, gint64)>("g_cond_wait_until");
    releasing(mutex);
    const gboolean signaled = wait(cond, mutex, end_us);
    acquired(mutex);
    return signaled;
}

void g_object_unref(gpointer object) {
    static const auto unref = real<void(gpointer)>("g_object_unref");
    giving_back(object);
    unref(object);
}

void gst_object_unref(gpointer object) {
    static const auto unref = real<void(gpointer)>("gst_object_unref");
    giving_back(object);
    unref(object);
}

void gst_mini_object_unref(GstMiniObject* object) {
    static const auto unref = real<void(GstMiniObject*)>("gst_mini_object_unref");
    giving_back(object);
    unref(object);
}
}
