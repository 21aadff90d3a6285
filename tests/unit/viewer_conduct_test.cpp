// What a viewer's reports say, and what its figures say against it.
#include "plugins/elements/viewer/conduct.hpp"
#include "plugins/elements/viewer/receiver_reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using testing::HasSubstr;

namespace {

constexpr std::uint32_t kMedia = 0x11111111;
constexpr std::uint32_t kResent = 0x22222222;
constexpr std::int64_t kNow = 1'750'000'000'000'000;

struct Block {
    std::uint32_t ssrc;
    std::uint32_t highest;
    std::int32_t lost;
};

Ref<GstBuffer> report(const std::vector<Block>& blocks, std::uint32_t last_report = 0,
                      std::uint32_t delay = 0) {
    auto packets = Ref<GstBuffer>::adopt(gst_rtcp_buffer_new(1'400));
    GstRTCPBuffer mapped = GST_RTCP_BUFFER_INIT;
    gst_rtcp_buffer_map(packets.get(), GST_MAP_READWRITE, &mapped);
    GstRTCPPacket packet;
    gst_rtcp_buffer_add_packet(&mapped, GST_RTCP_TYPE_RR, &packet);
    gst_rtcp_packet_rr_set_ssrc(&packet, 7);
    for (const Block& block : blocks) {
        gst_rtcp_packet_add_rb(&packet, block.ssrc, 64, block.lost, block.highest, 0, last_report, delay);
    }
    gst_rtcp_buffer_unmap(&mapped);
    return packets;
}

ViewerFigures told(const ReceiverReports& reports) {
    ViewerFigures figures;
    reports.tell(figures);
    return figures;
}

/// A viewer looked at every 2 s, to whom 60 packets go in that time.
class Watched {
  public:
    ViewerFigures figures;

    std::optional<std::string> after_2_s() {
        now_ += std::chrono::seconds(2);
        figures.packets_sent += 60;
        return conduct_.objection(figures, now_);
    }
    /// What is said against it in the time, `each` having changed the figures before every look.
    std::string within(int seconds, const std::function<void(ViewerFigures&)>& each) {
        for (int passed = 0; passed < seconds; passed += 2) {
            each(figures);
            if (const auto why = after_2_s()) {
                return *why;
            }
        }
        return "";
    }

  private:
    Conduct conduct_;
    Conduct::Instant now_{std::chrono::hours(1)};
};

} // namespace

TEST(ReceiverReports, AreThoseOfTheStreamAndNotOfWhatWasSentAgain) {
    ReceiverReports reports(kMedia);
    EXPECT_FALSE(told(reports).highest_sequence_number);
    reports.take(report({{kMedia, 500, 12}, {kResent, 9, 3}}).get(), kNow);
    reports.take(report({{kResent, 10, 3}}).get(), kNow);
    EXPECT_EQ(told(reports).highest_sequence_number, 500U);
    EXPECT_EQ(told(reports).packets_lost, 12U);
    EXPECT_DOUBLE_EQ(told(reports).loss, 0.25);
    reports.take(report({{kMedia, 501, -2}}).get(), kNow);
    EXPECT_EQ(told(reports).packets_lost, 0U);
}

TEST(ReceiverReports, GiveTheRoundTripWithoutTheReceiversDelay) {
    ReceiverReports reports(kMedia);
    reports.take(report({{kMedia, 1, 0}}).get(), kNow);
    EXPECT_FALSE(told(reports).round_trip_ms);
    const std::uint32_t half_a_second = 65'536 / 2;
    const auto sent = short_ntp_time(kNow - 580'000);
    reports.take(report({{kMedia, 1, 0}}, sent, half_a_second).get(), kNow);
    EXPECT_NEAR(told(reports).round_trip_ms.value_or(0), 80, 0.1);
}

TEST(ReceiverReports, LeaveOutWhatIsMalformed) {
    ReceiverReports reports(kMedia);
    const auto whole = report({{kMedia, 500, 0}});
    for (gsize size = 1; size < gst_buffer_get_size(whole.get()); ++size) {
        const auto cut =
            Ref<GstBuffer>::adopt(gst_buffer_copy_region(whole.get(), GST_BUFFER_COPY_ALL, 0, size));
        reports.take(cut.get(), kNow);
    }
    EXPECT_FALSE(told(reports).highest_sequence_number);
}

TEST(Conduct, LetsAViewerWatchThatReportsRarely) {
    Watched viewer;
    int look = 0;
    EXPECT_EQ(viewer.within(600,
                            [&](ViewerFigures& figures) {
                                figures.packets_received += 100;
                                ++figures.messages_sent;
                                if (++look % 8 == 0) {
                                    figures.highest_sequence_number = 60U * static_cast<std::uint32_t>(look);
                                }
                            }),
              "");
}

TEST(Conduct, LetsAPlayerWatchThatNeverReports) {
    Watched viewer;
    EXPECT_EQ(viewer.within(600, [](ViewerFigures&) {}), "");
}

TEST(Conduct, EndsAViewerWhoseReportsStandStill) {
    Watched viewer;
    viewer.figures.highest_sequence_number = 5;
    EXPECT_THAT(viewer.within(30, [](ViewerFigures& figures) { figures.packets_received += 10; }),
                HasSubstr("nothing has reached"));
}

TEST(Conduct, EndsAViewerThatFellSilentBeforeItsFirstReport) {
    Watched viewer;
    viewer.figures.messages_sent = 3;
    EXPECT_THAT(viewer.within(30, [](ViewerFigures& figures) { ++figures.messages_sent; }),
                HasSubstr("nothing has reached"));
}

TEST(Conduct, WaitsWithAViewerWhileTheCameraIsSilent) {
    Watched viewer;
    viewer.figures.highest_sequence_number = 5;
    EXPECT_EQ(viewer.within(600, [](ViewerFigures& figures) { figures.packets_sent -= 60; }), "");
}

TEST(Conduct, EndsAViewerThatTakesNoMetadata) {
    Watched viewer;
    EXPECT_THAT(viewer.within(14, [](ViewerFigures& figures) { figures.messages_dropped += 60; }),
                HasSubstr("no metadata"));
}

TEST(Conduct, EndsFloods) {
    Watched noisy;
    EXPECT_THAT(noisy.within(4, [](ViewerFigures& figures) { figures.packets_received += 5'000; }),
                HasSubstr("packets a second"));
    Watched greedy;
    EXPECT_THAT(greedy.within(4,
                              [](ViewerFigures& figures) {
                                  figures.packets_sent += 5'000;
                                  figures.packets_resent += 5'000;
                              }),
                HasSubstr("again and again"));
}
