// User data SEI messages as parsers and decoders leave them at a buffer.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <gst/video/video-sei.h>

#include <span>

namespace masthead {

/// What `read` makes of the first payload (UUID and data of user_data_unregistered) that it makes something
/// of.
template <typename Read>
auto first_sei(GstBuffer* buffer, Read read) -> decltype(read(ByteSpan())) {
    gpointer state = nullptr;
    while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
               buffer, &state, GST_VIDEO_SEI_USER_DATA_UNREGISTERED_META_API_TYPE)) {
        const auto* sei = reinterpret_cast<GstVideoSEIUserDataUnregisteredMeta*>(meta);
        ByteWriter payload;
        payload.append(std::as_bytes(std::span(sei->uuid)));
        payload.append(std::as_bytes(std::span(sei->data, sei->size)));
        if (auto found = read(ByteSpan(payload.view()))) {
            return found;
        }
    }
    return {};
}

} // namespace masthead
