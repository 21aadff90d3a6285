// What the elements' tests share: an element with test pads around it, and hand-made access units.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/klv/local_set.hpp"

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <initializer_list>
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

inline Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// An ST 0601 packet of that instant (POSIX time) with a position that moves with it, and text that does not.
inline klv::LocalSet set_at(Utc time) {
    klv::LocalSet set;
    set.set_time(klv::to_misp(time, klv::TimeSystem::posix));
    const double seconds = static_cast<double>(time.us % 1'000'000'000) / 1e6;
    EXPECT_TRUE(set.set_text(10, "KESTREL"));
    EXPECT_TRUE(set.set_number(13, 47.0 + seconds * 1e-4));
    EXPECT_TRUE(set.set_number(14, 8.0));
    return set;
}
inline Bytes packet_of(const klv::LocalSet& set) { return klv::encode(set).value(); }
inline Bytes packet_at(Utc time) { return packet_of(set_at(time)); }

/// The element alone between test pads (gst_harness_new_parse would put a bin around it).
inline Harness harness_of(const char* launch) {
    const auto element = Ref<GstElement>::sink(gst_parse_launch(launch, nullptr));
    return Harness(gst_harness_new_with_element(element.get(), "sink", "src"));
}

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
