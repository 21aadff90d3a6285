#include "plugins/elements/nal.hpp"
#include "tests/unit/elements_harness.hpp"

#include <gst/video/video-sei.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::test;

namespace {

constexpr const char* kDelimiter = "00000001"
                                   "09f0";
constexpr const char* kParameterSets = "00000001"
                                       "6742c01fdd"
                                       "00000001"
                                       "68ce3c80";
constexpr const char* kSlice = "00000001"
                               "6588840000030001";
constexpr std::int64_t kInstantUs = 1'700'000'000'123'456;

Bytes access_unit(const std::string& hex) { return *from_hex(hex); }

void add_unix_time(GstBuffer* buffer, std::int64_t utc_us) {
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("timestamp/x-unix"));
    gst_buffer_add_reference_timestamp_meta(buffer, caps.get(), static_cast<GstClockTime>(utc_us) * 1000,
                                            GST_CLOCK_TIME_NONE);
}

Harness mispsei(const char* caps, const char* launch = "mispsei") {
    Harness harness = harness_of(launch);
    gst_harness_set_src_caps_str(harness.get(), caps);
    return harness;
}

Ref<GstBuffer> push_pull(GstHarness* harness, Ref<GstBuffer> buffer) {
    return Ref<GstBuffer>::adopt(gst_harness_push_and_pull(harness, buffer.release()));
}

} // namespace

TEST(MispSei, StandsBeforeTheFirstSliceAndAfterTheParameterSets) {
    const auto harness = mispsei(kH264ByteStream);
    auto in = buffer_at(access_unit(std::string(kDelimiter) + kParameterSets + kSlice), GST_SECOND);
    add_unix_time(in.get(), kInstantUs);
    const auto out = push_pull(harness.get(), std::move(in));
    const std::string sei = "00000001"
                            "06051c"
                            "4d4953506d6963726f73656374696d65" // MISPmicrosectime
                            "1f"
                            "0006ff0a24ff1820ff2240"
                            "80";
    EXPECT_EQ(hex_of(out.get()), std::string(kDelimiter) + kParameterSets + sei + kSlice);
    EXPECT_EQ(GST_BUFFER_PTS(out.get()), GST_SECOND);
    EXPECT_EQ(GST_BUFFER_DURATION(out.get()), 40 * GST_MSECOND);
    EXPECT_TRUE(gst_buffer_get_reference_timestamp_meta(out.get(), nullptr));
}

TEST(MispSei, IsFramedByLengthInAvc) {
    const auto harness = mispsei("video/x-h264, stream-format=(string)avc, alignment=(string)au, "
                                 "codec_data=(buffer)0142c01fffe1000567"
                                 "42c01fdd01000468ce3c80");
    auto in = buffer_at(access_unit("00000002"
                                    "09f0"
                                    "00000004"
                                    "65888400"),
                        GST_SECOND);
    add_unix_time(in.get(), kInstantUs);
    const auto out = push_pull(harness.get(), std::move(in));
    const Bytes bytes = bytes_of(out.get());
    EXPECT_EQ(to_hex(bytes).substr(0, 26), "00000002"
                                           "09f0"
                                           "00000020"
                                           "06051c");
    const auto time = nal::find_misp_time(bytes, {klv::VideoCodec::h264, 4});
    ASSERT_TRUE(time);
    EXPECT_EQ(time->time.us, static_cast<std::uint64_t>(kInstantUs));
}

TEST(MispSei, WritesTheH265FormIntoH265) {
    const auto harness = mispsei("video/x-h265, stream-format=(string)byte-stream, alignment=(string)au");
    auto in = buffer_at(access_unit("00000001"
                                    "4601"
                                    "00000001"
                                    "2601af10"),
                        GST_SECOND);
    add_unix_time(in.get(), kInstantUs);
    const auto out = push_pull(harness.get(), std::move(in));
    EXPECT_EQ(hex_of(out.get()).substr(0, 12 + 8 + 8 + 32), "000000014601"
                                                            "00000001"
                                                            "4e01051c"
                                                            "a8687dd4d7593758a5cef0338b6545f1");
}

TEST(MispSei, WritesMispTimeWhenTold) {
    const auto harness = mispsei(kH264ByteStream, "mispsei time-system=misp");
    auto in = buffer_at(access_unit(kSlice), GST_SECOND);
    add_unix_time(in.get(), kInstantUs);
    const auto out = push_pull(harness.get(), std::move(in));
    const auto time = nal::find_misp_time(bytes_of(out.get()), {});
    ASSERT_TRUE(time);
    EXPECT_EQ(time->time, klv::to_misp(Utc{kInstantUs}, klv::TimeSystem::misp));
}

TEST(MispSei, KeepsATimeThatIsAlreadyThere) {
    const auto harness = mispsei(kH264ByteStream);
    const Bytes payload = klv::encode_sei_payload({klv::MispTime{42}}, klv::VideoCodec::h264);
    Bytes unit = nal::make_sei(payload, {});
    const Bytes slice = access_unit(kSlice);
    unit.insert(unit.end(), slice.begin(), slice.end());
    const auto out = push_pull(harness.get(), buffer_at(unit, GST_SECOND));
    EXPECT_EQ(hex_of(out.get()), to_hex(unit));
}

TEST(MispSei, TakesTheRunningTimeLessTheLatencyWhenNothingBetterIsKnown) {
    const auto harness = mispsei(kH264ByteStream, "mispsei latency=100");
    gst_harness_use_systemclock(harness.get());
    const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(harness->element));
    const GstClockTime running =
        gst_clock_get_time(clock.get()) - gst_element_get_base_time(harness->element);
    const Utc now = utc_now();
    const auto out = push_pull(harness.get(), buffer_at(access_unit(kSlice), running));
    const auto time = nal::find_misp_time(bytes_of(out.get()), {});
    ASSERT_TRUE(time);
    EXPECT_NEAR(static_cast<double>(time->time.us), static_cast<double>(now.us - 100'000), 50'000);
}

TEST(MispSei, PassesOnWhatHasNoSliceOrIsNotVideo) {
    const auto harness = mispsei(kH264ByteStream);
    for (const char* hex : {"", "00", "000001", "00000001", "0000000167", "ffffffffffff",
                            "00000001"
                            "09f0"}) {
        const auto out = push_pull(harness.get(), buffer_at(access_unit(hex), GST_SECOND));
        EXPECT_EQ(hex_of(out.get()), hex);
    }
}

TEST(MispSei, PassesOnLengthsThatDoNotFit) {
    const auto harness = mispsei("video/x-h264, stream-format=(string)avc, alignment=(string)au, "
                                 "codec_data=(buffer)0142c01fffe1000567"
                                 "42c01fdd01000468ce3c80");
    for (const char* hex : {"ffffffff65", "00000000", "000000",
                            "00000009"
                            "6588"}) {
        const auto out = push_pull(harness.get(), buffer_at(access_unit(hex), GST_SECOND));
        EXPECT_EQ(hex_of(out.get()), hex);
    }
}

TEST(MispSei, FollowsACapsChangeAndAFlush) {
    const auto harness = mispsei(kH264ByteStream);
    auto first = buffer_at(access_unit(kSlice), GST_SECOND);
    add_unix_time(first.get(), kInstantUs);
    ASSERT_TRUE(push_pull(harness.get(), std::move(first)));
    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    gst_harness_set_src_caps_str(harness.get(),
                                 "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au");
    auto second = buffer_at(access_unit("00000001"
                                        "2601af10"),
                            0);
    add_unix_time(second.get(), kInstantUs);
    const auto out = push_pull(harness.get(), std::move(second));
    EXPECT_TRUE(nal::find_misp_time(bytes_of(out.get()), {klv::VideoCodec::h265, 0}));
}

TEST(Nal, EscapesAndUnescapesEmulatedStartCodes) {
    const Bytes plain = *from_hex("0000010000000000030a0000");
    const Bytes escaped = nal::escaped(plain);
    EXPECT_EQ(to_hex(escaped), "0000030100000300000300030a0000");
    EXPECT_EQ(nal::unescaped(escaped), plain);
}
