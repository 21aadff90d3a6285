// Ownership of C objects as types: Ref<T> for counted ones, Owned<T> for the rest. The only folder that
// calls unref or free by name.
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include <json-glib/json-glib.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace masthead {

/// A counted reference to a GObject, GstMiniObject, GBytes or GSource. `adopt` takes over a reference the
/// caller owns (transfer full); `share` adds one (transfer none).
template <typename T>
class Ref {
  public:
    Ref() noexcept = default;
    Ref(const Ref& other) noexcept : object_(other.object_) { acquire(); }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() { drop(); }

    [[nodiscard]] static Ref adopt(T* object) noexcept {
        Ref ref;
        ref.object_ = object;
        return ref;
    }
    /// For floating GObjects (elements fresh from a factory): takes the floating reference.
    [[nodiscard]] static Ref sink(T* object) noexcept {
        return adopt(object ? static_cast<T*>(g_object_ref_sink(object)) : nullptr);
    }
    [[nodiscard]] static Ref share(T* object) noexcept {
        Ref ref;
        ref.object_ = object;
        ref.acquire();
        return ref;
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    /// Gives the reference away (to a function that takes transfer full).
    [[nodiscard]] T* release() noexcept { return std::exchange(object_, nullptr); }
    void reset() noexcept { *this = Ref(); }

  private:
    static constexpr bool kMini =
        std::is_same_v<T, GstBuffer> || std::is_same_v<T, GstBufferList> || std::is_same_v<T, GstCaps> ||
        std::is_same_v<T, GstSample> || std::is_same_v<T, GstEvent> || std::is_same_v<T, GstMessage> ||
        std::is_same_v<T, GstQuery> || std::is_same_v<T, GstMiniObject> || std::is_same_v<T, GstPromise> ||
        std::is_same_v<T, GstTagList> || std::is_same_v<T, GstMemory>;

    void acquire() noexcept {
        if (object_) {
            if constexpr (kMini) {
                gst_mini_object_ref(reinterpret_cast<GstMiniObject*>(object_));
            } else if constexpr (std::is_same_v<T, GBytes>) {
                g_bytes_ref(object_);
            } else if constexpr (std::is_same_v<T, GSource>) {
                g_source_ref(object_);
            } else {
                g_object_ref(object_);
            }
        }
    }
    void drop() noexcept {
        if (object_) {
            if constexpr (kMini) {
                gst_mini_object_unref(reinterpret_cast<GstMiniObject*>(object_));
            } else if constexpr (std::is_same_v<T, GBytes>) {
                g_bytes_unref(object_);
            } else if constexpr (std::is_same_v<T, GSource>) {
                g_source_unref(object_);
            } else {
                g_object_unref(object_);
            }
        }
    }

    T* object_ = nullptr;
};

struct Free {
    void operator()(gchar* text) const noexcept { g_free(text); }
    void operator()(GError* error) const noexcept { g_error_free(error); }
    void operator()(GstStructure* structure) const noexcept { gst_structure_free(structure); }
    void operator()(GMainLoop* loop) const noexcept { g_main_loop_unref(loop); }
    void operator()(GMainContext* context) const noexcept { g_main_context_unref(context); }
    void operator()(GSource* source) const noexcept {
        g_source_destroy(source);
        g_source_unref(source);
    }
    void operator()(GUri* uri) const noexcept { g_uri_unref(uri); }
    void operator()(GOptionContext* context) const noexcept { g_option_context_free(context); }
    void operator()(JsonNode* node) const noexcept { json_node_unref(node); }
    void operator()(GHashTable* table) const noexcept { g_hash_table_unref(table); }
    void operator()(gchar** texts) const noexcept { g_strfreev(texts); }
    void operator()(GValue* value) const noexcept {
        g_value_unset(value);
        g_free(value);
    }
};

/// A C thing with one owner: Owned<gchar>, Owned<GError>, Owned<GstStructure> ...
template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// Copies a gchar* that the caller owns and frees it; "" for nullptr.
[[nodiscard]] inline std::string take_string(gchar* text) {
    const Owned<gchar> owned(text);
    return owned ? std::string(owned.get()) : std::string();
}

} // namespace masthead
