// What the elements' tests share: an element with test pads around it, and hand-made access units.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/glib/buffer.hpp"

#include <gst/check/gstharness.h>

#include <memory>
#include <string>

namespace masthead::test {

struct Teardown {
    void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
};
using Harness = std::unique_ptr<GstHarness, Teardown>;

inline constexpr const char* kH264ByteStream =
    "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au";

inline Ref<GstBuffer> buffer_at(ByteSpan bytes, GstClockTime pts) {
    auto buffer = make_buffer(bytes);
    GST_BUFFER_PTS(buffer.get()) = pts;
    GST_BUFFER_DTS(buffer.get()) = pts;
    GST_BUFFER_DURATION(buffer.get()) = 40 * GST_MSECOND;
    return buffer;
}

inline Bytes bytes_of(GstBuffer* buffer) {
    const BufferMap map(buffer);
    return {map.bytes().begin(), map.bytes().end()};
}

inline std::string hex_of(GstBuffer* buffer) { return to_hex(bytes_of(buffer)); }

/// An element's property as a number.
inline std::uint64_t number_property(GstHarness* harness, const char* name) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_UINT64);
    g_object_get_property(G_OBJECT(harness->element), name, &value);
    const std::uint64_t number = g_value_get_uint64(&value);
    g_value_unset(&value);
    return number;
}

} // namespace masthead::test
