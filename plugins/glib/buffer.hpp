// GstBuffer <-> bytes.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/glib/ref.hpp"

namespace masthead {

/// A buffer mapped for reading for as long as this lives; borrows the buffer. `bytes()` is empty when the map
/// failed.
class BufferMap {
  public:
    explicit BufferMap(GstBuffer* buffer) noexcept;
    ~BufferMap();
    BufferMap(const BufferMap&) = delete;
    BufferMap& operator=(const BufferMap&) = delete;

    [[nodiscard]] ByteSpan bytes() const noexcept;

  private:
    GstBuffer* buffer_;
    GstMapInfo info_{};
    bool mapped_;
};

/// A new buffer that owns a copy of `bytes`; no times set.
[[nodiscard]] Ref<GstBuffer> make_buffer(ByteSpan bytes);

} // namespace masthead
