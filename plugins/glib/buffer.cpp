#include "plugins/glib/buffer.hpp"

namespace masthead {

BufferMap::BufferMap(GstBuffer* buffer) noexcept
    : buffer_(buffer), mapped_(gst_buffer_map(buffer, &info_, GST_MAP_READ)) {}

BufferMap::~BufferMap() {
    if (mapped_) {
        gst_buffer_unmap(buffer_, &info_);
    }
}

ByteSpan BufferMap::bytes() const noexcept {
    if (!mapped_) {
        return {};
    }
    return {reinterpret_cast<const std::byte*>(info_.data), info_.size};
}

Ref<GstBuffer> make_buffer(ByteSpan bytes) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, bytes.size(), nullptr);
    gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
    return Ref<GstBuffer>::adopt(buffer);
}

} // namespace masthead
