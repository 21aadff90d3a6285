#include "tests/unit/elements_harness.hpp"
#include "tests/unit/links_sockets.hpp"

#include <gst/app/gstappsink.h>
#include <gtest/gtest.h>

#include <chrono>

using namespace masthead;
using namespace masthead::test;
using namespace std::chrono_literals;

namespace {

std::string with_checksum(const std::string& body) {
    unsigned sum = 0;
    for (const char c : body) {
        sum ^= static_cast<unsigned char>(c);
    }
    constexpr const char* kDigits = "0123456789ABCDEF";
    return "$" + body + "*" + kDigits[sum >> 4U] + kDigits[sum & 15U] + "\r\n";
}

/// telemetrysrc on a free UDP port, with a sink that keeps what came.
struct Source {
    explicit Source(const std::string& properties = "") : port(free_udp_port()) {
        const std::string launch = "telemetrysrc uri=nmea+udp://127.0.0.1:" + std::to_string(port) + " " +
                                   properties + " ! appsink name=sink sync=false";
        pipeline = Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), nullptr));
        sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    }
    ~Source() { gst_element_set_state(pipeline.get(), GST_STATE_NULL); }

    /// Says a sentence until a packet comes of it.
    [[nodiscard]] Ref<GstSample> say(const std::string& sentence) const {
        const UdpPeer vessel;
        for (int i = 0; i < 300; ++i) {
            vessel.send(as_bytes(sentence), port);
            auto sample = Ref<GstSample>::adopt(
                gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 100 * GST_MSECOND));
            if (sample) {
                return sample;
            }
        }
        return {};
    }

    std::uint16_t port;
    Ref<GstElement> pipeline;
    Ref<GstElement> sink;
};

} // namespace

TEST(TelemetrySrc, GivesASampleAsAPacketTimedByRunningTime) {
    const Source source;
    const auto sample =
        source.say(with_checksum("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"));
    ASSERT_TRUE(sample);
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    const auto packet = klv::parse(bytes_of(buffer));
    ASSERT_TRUE(packet);
    EXPECT_FALSE(packet->flaws.any());
    EXPECT_NEAR(packet->set.number(13).value_or(0), 48.1173, 1e-4);
    EXPECT_NEAR(packet->set.number(14).value_or(0), 11.51667, 1e-4);
    EXPECT_LT(GST_BUFFER_PTS(buffer), 60 * GST_SECOND);
}

TEST(TelemetrySrc, LeavesOutOtherAddressesThanItsOwn) {
    const Source source("address=244123456");
    const UdpPeer vessel;
    for (int i = 0; i < 20; ++i) {
        vessel.send(as_bytes(with_checksum("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,")),
                    source.port);
    }
    const auto sample = Ref<GstSample>::adopt(
        gst_app_sink_try_pull_sample(GST_APP_SINK(source.sink.get()), 300 * GST_MSECOND));
    EXPECT_FALSE(sample);
}

TEST(TelemetrySrc, ShutsDownWhileNobodySpeaks) {
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) {
        const Source source;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

TEST(TelemetrySrc, SaysWhatIsWrongWithItsUri) {
    const auto pipeline = Ref<GstElement>::sink(
        gst_parse_launch("telemetrysrc uri=mavlink+udp://127.0.0.1 ! fakesink", nullptr));
    EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
    const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    ASSERT_TRUE(message);
    GError* raw = nullptr;
    gst_message_parse_error(message.get(), &raw, nullptr);
    const Owned<GError> error(raw);
    EXPECT_NE(std::string(error->message).find("port"), std::string::npos) << error->message;
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
