// viewersink with live streams and receivers in the same process, all on 127.0.0.1.
#include "plugins/elements/viewer/stream_check.hpp"
#include "tests/integration/viewers/test_stream.hpp"
#include "tests/integration/viewers/test_viewer.hpp"
#include "tests/unit/bad_answers.hpp"
#include "tests/unit/links_sockets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace masthead;
using masthead::test::free_udp_port;
using masthead::test::TestStream;
using masthead::test::TestViewer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

namespace {

/// GLib's criticals mean a broken promise towards GStreamer: they end the test.
class FatalCriticals : public testing::Environment {
  public:
    void SetUp() override {
        g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR));
    }
};
const auto* const fatal_criticals = testing::AddGlobalTestEnvironment(new FatalCriticals);

std::string call(GstElement* sink, const char* signal, const char* session, const char* text) {
    gchar* refused = nullptr;
    g_signal_emit_by_name(sink, signal, session, text, &refused);
    return take_string(refused);
}

guint viewers(const TestStream& stream) {
    guint count = 0;
    g_object_get(stream.sink(), "viewers", &count, nullptr);
    return count;
}

} // namespace

TEST(StreamCheck, KnowsBFramesThatAreShownInAnotherOrder) {
    StreamCheck check;
    const std::vector<std::uint64_t> decoding_order{0, 120, 40, 80, 240, 160, 200, 360, 280, 320};
    for (std::size_t i = 0; i < decoding_order.size(); ++i) {
        check.frame(decoding_order[i], i % 3 != 1 && i > 0);
    }
    EXPECT_THAT(check.obstacle(), HasSubstr("B-frames"));
    check.restart();
    EXPECT_EQ(check.obstacle(), "");
}

TEST(StreamCheck, ForgivesABusyMachineThatSetsTheClockBackAgainAndAgain) {
    StreamCheck check;
    std::uint64_t time = 0;
    for (int frame = 0; frame < 1'000; ++frame) {
        time += 33;
        time -= frame % 4 == 2 ? 66 : 0;
        check.frame(time, false);
    }
    EXPECT_EQ(check.obstacle(), "");
}

TEST(StreamCheck, ForgivesBSlicesThatAreShownInTheirOrder) {
    StreamCheck check;
    for (std::uint64_t time = 0; time < 1'000; time += 40) {
        check.frame(time, time > 0);
    }
    EXPECT_EQ(check.obstacle(), "");
}

TEST(ViewerSink, GivesEachFrameItsMessage) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.reaches("connected")) << viewer.detail();
    ASSERT_TRUE(viewer.gets_frames(60));
    ASSERT_TRUE(viewer.gets_messages(1));
    const auto messages = viewer.messages();
    std::set<std::uint32_t> described;
    for (const auto& [timestamp, header] : messages) {
        described.insert(timestamp);
        EXPECT_EQ(header.time_method, FrameTimeMethod::sei);
        EXPECT_EQ(header.value_method, FrameValueMethod::measured);
        EXPECT_EQ(header.klv_bytes, 4U);
    }
    std::size_t without = 0;
    for (const std::uint32_t timestamp : viewer.frame_timestamps()) {
        without += described.contains(timestamp) ? 0 : 1;
    }
    EXPECT_LE(without, 1U) << "at most the frame that is under way";
    EXPECT_THAT(viewer.states(), ElementsAre("connecting", "connected"));
}

TEST(ViewerSink, BeginsWithAKeyFrame) {
    const TestStream stream({.key_frame_interval = 15});
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.gets_messages(20));
    const auto messages = viewer.messages();
    const auto first = std::min_element(messages.begin(), messages.end(), [](const auto& a, const auto& b) {
        return a.second.seq < b.second.seq;
    });
    EXPECT_TRUE(first->second.flags & kFrameKeyFrame);
}

TEST(ViewerSink, LetsEachViewerComeAndGoByItself) {
    const TestStream stream;
    TestViewer stays(stream.sink(), "stays");
    ASSERT_TRUE(stays.gets_frames(5));
    for (int i = 0; i < 3; ++i) {
        TestViewer passes(stream.sink(), "passes");
        ASSERT_TRUE(passes.gets_frames(5)) << passes.detail();
        EXPECT_EQ(viewers(stream), 2U);
    }
    EXPECT_EQ(viewers(stream), 1U);
    EXPECT_TRUE(stays.gets_frames(5));
}

TEST(ViewerSink, SurvivesEveryBadAnswerWhileOthersWatch) {
    const TestStream stream;
    TestViewer good(stream.sink(), "good");
    ASSERT_TRUE(good.gets_frames(5)) << good.detail();
    for (const auto& [name, change] : test::bad_answers()) {
        SCOPED_TRACE(name);
        TestViewer bad(stream.sink(), "bad", {.change_answer = change});
        EXPECT_GT(bad.waits_for_refusal().size(), 20U);
        EXPECT_TRUE(bad.reaches("failed"));
        EXPECT_GT(bad.detail().size(), 20U);
        EXPECT_TRUE(good.gets_frames(3));
        EXPECT_TRUE(good.gets_messages(1));
    }
    EXPECT_THAT(good.states(), ElementsAre("connecting", "connected"));
}

TEST(ViewerSink, RefusesAPeerWhoseCertificateIsNotTheAnswers) {
    const TestStream stream;
    const auto other = [](const std::string& text) {
        std::string line = test::line_of(text, "a=fingerprint:");
        line.back() = line.back() == '0' ? '1' : '0';
        return test::with_lines(text, "a=fingerprint:", line);
    };
    TestViewer liar(stream.sink(), "liar", {.change_answer = other});
    EXPECT_TRUE(liar.reaches("failed"));
    EXPECT_THAT(liar.detail(), HasSubstr("certificate"));
    EXPECT_TRUE(liar.frame_timestamps().empty());
}

TEST(ViewerSink, RefusesASecondAnswerAndStrangers) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.reaches("connected"));
    EXPECT_THAT(call(stream.sink(), "set-answer", "anna", "v=0"), HasSubstr("answered already"));
    EXPECT_THAT(call(stream.sink(), "set-answer", "nobody", "v=0"), HasSubstr("no viewer"));
    gboolean added = TRUE;
    g_signal_emit_by_name(stream.sink(), "add-viewer", "anna", &added);
    EXPECT_FALSE(added);
    EXPECT_TRUE(viewer.gets_frames(5));
}

TEST(ViewerSink, KeepsToMaxViewers) {
    const TestStream stream;
    g_object_set(stream.sink(), "max-viewers", 1, nullptr);
    TestViewer first(stream.sink(), "first");
    TestViewer second(stream.sink(), "second");
    EXPECT_FALSE(second.was_added());
    EXPECT_TRUE(second.reaches("failed"));
    EXPECT_THAT(second.detail(), HasSubstr("max-viewers"));
    EXPECT_TRUE(first.gets_frames(5));
}

TEST(ViewerSink, RemovesAViewerThatNeverAnswers) {
    const TestStream stream;
    TestViewer silent(stream.sink(), "silent", {.silent = true});
    EXPECT_TRUE(silent.reaches("failed"));
    EXPECT_THAT(silent.detail(), HasSubstr("no connection within 15 s"));
    EXPECT_EQ(viewers(stream), 0U);
}

TEST(ViewerSink, SaysThatBFramesCannotBeShownAndIngestGoesOn) {
    const TestStream stream({.profile = "high", .b_frames = 2});
    TestViewer viewer(stream.sink(), "anna");
    EXPECT_TRUE(viewer.reaches("failed"));
    EXPECT_THAT(viewer.detail(), HasSubstr("B-frames"));
    EXPECT_TRUE(stream.renders(10));
}

TEST(ViewerSink, SaysThatH265CannotBeShownAndIngestGoesOn) {
    const TestStream stream({.h265 = true});
    ASSERT_TRUE(stream.renders(5));
    TestViewer viewer(stream.sink(), "anna");
    EXPECT_TRUE(viewer.reaches("failed"));
    EXPECT_THAT(viewer.detail(), HasSubstr("H.265"));
    EXPECT_TRUE(stream.renders(10));
}

TEST(ViewerSink, BeginsAtOnceWithTheCurrentGroupOfPicturesAndCatchesUpWithoutAGap) {
    std::vector<std::uint16_t> packets;
    std::set<std::uint32_t> timestamps;
    std::map<std::uint32_t, FrameMessageHeader> messages;
    std::map<std::uint32_t, FrameMessageHeader> by_seq;
    const auto whole = [&] {
        const auto gap = [](std::uint16_t one, std::uint16_t next) {
            return static_cast<std::uint16_t>(one + 1) != next;
        };
        return !by_seq.empty() && by_seq.rbegin()->first - by_seq.begin()->first + 1 == by_seq.size() &&
               std::ranges::adjacent_find(packets, gap) == packets.end();
    };
    // The receiver of a busy machine may lose a datagram by itself: what was never sent is missing each time.
    for (int i = 0; i < 3 && !whole(); ++i) {
        // One key frame at the start and none ever after: whoever waits for the next one sees nothing.
        const TestStream stream({.key_frame_interval = 10'000, .key_frames_on_request = false});
        ASSERT_TRUE(stream.renders(90));
        TestViewer viewer(stream.sink(), "anna");
        ASSERT_TRUE(viewer.gets_frames(120)) << viewer.detail();
        ASSERT_TRUE(viewer.gets_messages(120));
        packets = viewer.sequence_numbers();
        timestamps = viewer.frame_timestamps();
        messages = viewer.messages();
        by_seq.clear();
        for (const auto& [timestamp, header] : messages) {
            by_seq.emplace(header.seq, header);
        }
    }
    ASSERT_TRUE(whole());
    EXPECT_TRUE(by_seq.begin()->second.flags & kFrameKeyFrame);
    for (auto next = by_seq.begin(), one = next++; next != by_seq.end(); one = next++) {
        EXPECT_NEAR(static_cast<double>(next->second.utc_us - one->second.utc_us), 33'333, 2);
        EXPECT_GT(static_cast<std::int32_t>(next->second.rtp_timestamp - one->second.rtp_timestamp), 0);
    }
    std::size_t without = 0;
    for (const std::uint32_t timestamp : timestamps) {
        without += messages.contains(timestamp) ? 0 : 1;
    }
    EXPECT_LE(without, 1U) << "at most the frame that is under way";
}

TEST(ViewerSink, CatchesUpToTheSameTimestampsThatOthersSee) {
    const TestStream stream({.key_frame_interval = 10'000, .key_frames_on_request = false});
    TestViewer early(stream.sink(), "early");
    ASSERT_TRUE(early.gets_frames(60)) << early.detail();
    TestViewer late(stream.sink(), "late");
    ASSERT_TRUE(late.gets_messages(60 + 90)) << late.detail();
    const FrameMessageHeader newest = late.messages().rbegin()->second;
    ASSERT_TRUE(early.gets_messages(10));
    const auto seen = early.messages();
    ASSERT_TRUE(seen.contains(newest.rtp_timestamp));
    EXPECT_EQ(seen.at(newest.rtp_timestamp).utc_us, newest.utc_us);
}

TEST(ViewerSink, AsksTheEncoderForAKeyFrameWhenAViewerWantsOne) {
    const TestStream stream({.key_frame_interval = 10'000});
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.gets_frames(5)) << viewer.detail();
    const auto key_frames = [&] {
        const auto messages = viewer.messages();
        return std::count_if(messages.begin(), messages.end(), [](const auto& message) {
            return (message.second.flags & kFrameKeyFrame) != 0;
        });
    };
    const auto before = key_frames();
    viewer.request_key_frame();
    for (int i = 0; i < 10 && key_frames() == before; ++i) {
        ASSERT_TRUE(viewer.gets_messages(10));
    }
    EXPECT_GT(key_frames(), before);
}

TEST(ViewerSink, AsksTheEncoderForAKeyFrameWhenTheLastOneIsTooLongAgo) {
    const TestStream stream({.key_frame_interval = 10'000});
    ASSERT_TRUE(stream.renders(330)); // past the ten seconds that are kept
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.gets_messages(5)) << viewer.detail();
}

TEST(ViewerSink, AnswersAViewerThatMakesTheOffer) {
    const TestStream stream({.key_frame_interval = 10'000, .key_frames_on_request = false});
    ASSERT_TRUE(stream.renders(30));
    TestViewer viewer(stream.sink(), "player", {.offers = true});
    const std::string answer = viewer.waits_for_answer();
    EXPECT_THAT(answer, HasSubstr("a=rtpmap:109 H264/90000"));
    EXPECT_THAT(answer, HasSubstr("a=candidate:"));
    ASSERT_TRUE(viewer.gets_frames(60)) << viewer.detail() << answer;
    ASSERT_TRUE(viewer.gets_messages(60));
    const auto messages = viewer.messages();
    std::size_t without = 0;
    for (const std::uint32_t timestamp : viewer.frame_timestamps()) {
        without += messages.contains(timestamp) ? 0 : 1;
    }
    EXPECT_LE(without, 1U);
    EXPECT_THAT(viewer.states(), ElementsAre("connecting", "connected"));
    EXPECT_THAT(call(stream.sink(), "set-answer", "player", "v=0"), HasSubstr("answered already"));
}

TEST(ViewerSink, NamesItsCandidatesInEveryAnswer) {
    const TestStream stream;
    for (int i = 0; i < 20; ++i) {
        TestViewer viewer(stream.sink(), "player", {.offers = true, .with_channel = i % 2 == 0});
        ASSERT_THAT(viewer.waits_for_answer(), HasSubstr("a=candidate:")) << "answer " << i;
    }
}

TEST(ViewerSink, GivesAViewerWithoutADataChannelTheVideo) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "player", {.offers = true, .with_channel = false});
    ASSERT_TRUE(viewer.gets_frames(40)) << viewer.detail() << viewer.waits_for_answer();
    EXPECT_TRUE(viewer.messages().empty());
}

TEST(ViewerSink, SurvivesBadOffersWhileOthersWatch) {
    const TestStream stream;
    TestViewer good(stream.sink(), "good", {.offers = true});
    ASSERT_TRUE(good.gets_frames(5)) << good.detail();
    for (const auto& change :
         {test::without("a=fingerprint:"), test::without("a=ice-pwd:"), test::replacing("H264", "H265"),
          test::replacing("m=video 9", "m=video 0"), test::swapped("a=setup:", "a=setup:holdconn")}) {
        TestViewer bad(stream.sink(), "bad", {.offers = true, .change_offer = change});
        EXPECT_GT(bad.waits_for_refusal().size(), 20U);
        EXPECT_TRUE(good.gets_frames(3));
    }
    const auto other_certificate = [](const std::string& text) {
        std::string line = test::line_of(text, "a=fingerprint:");
        line.back() = line.back() == '0' ? '1' : '0';
        return test::with_lines(text, "a=fingerprint:", line);
    };
    TestViewer liar(stream.sink(), "liar", {.offers = true, .change_offer = other_certificate});
    EXPECT_TRUE(liar.reaches("failed"));
    EXPECT_THAT(liar.detail(), HasSubstr("certificate"));
    EXPECT_TRUE(good.gets_frames(3));
}

TEST(ViewerSink, LetsViewersHearTheSoundOfALivePicture) {
    const TestStream stream({.sound_hz = 440});
    ASSERT_TRUE(stream.renders(40));
    TestViewer viewer(stream.sink(), "anna");
    EXPECT_THAT(viewer.waits_for_offer(), HasSubstr("m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"));
    ASSERT_TRUE(viewer.hears(1'500ms)) << viewer.detail();
    EXPECT_NEAR(viewer.heard_hz(), 440, 10);
    ASSERT_TRUE(viewer.gets_messages(30));
    const auto messages = viewer.messages();
    std::size_t without = 0;
    for (const std::uint32_t timestamp : viewer.frame_timestamps()) {
        without += messages.contains(timestamp) ? 0 : 1;
    }
    EXPECT_LE(without, 1U) << "at most the frame that is under way";
}

TEST(ViewerSink, OffersNoSoundOfAStreamThatHasNone) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "anna");
    EXPECT_THAT(viewer.waits_for_offer(), Not(HasSubstr("m=audio")));
}

TEST(ViewerSink, GivesAViewerThatRefusesTheSoundTheVideoAlone) {
    const TestStream stream({.sound_hz = 440});
    ASSERT_TRUE(stream.renders(40));
    const auto refused = [](const std::string& text) {
        return test::replaced(test::replaced(text, "m=audio 9", "m=audio 0"), " audio1", "");
    };
    TestViewer deaf(stream.sink(), "deaf", {.change_answer = refused});
    TestViewer hears(stream.sink(), "hears");
    ASSERT_TRUE(hears.hears(1'000ms)) << hears.detail();
    ASSERT_TRUE(deaf.gets_frames(60)) << deaf.detail();
    EXPECT_EQ(deaf.heard(), 0ms);
}

TEST(ViewerSink, LetsAPlayerHearTheSoundOnlyWhenItAsksForIt) {
    const TestStream stream({.sound_hz = 880});
    ASSERT_TRUE(stream.renders(40));
    TestViewer asks(stream.sink(), "asks", {.offers = true, .with_sound = true});
    EXPECT_THAT(asks.waits_for_answer(), HasSubstr("a=rtpmap:111 opus/48000/2\r\n"));
    ASSERT_TRUE(asks.hears(1'000ms)) << asks.detail() << asks.waits_for_answer();
    EXPECT_NEAR(asks.heard_hz(), 880, 20);
    ASSERT_TRUE(asks.gets_frames(30));
    TestViewer does_not(stream.sink(), "video", {.offers = true});
    ASSERT_TRUE(does_not.gets_frames(60)) << does_not.detail();
    EXPECT_THAT(does_not.waits_for_answer(), Not(HasSubstr("m=audio")));
}

TEST(ViewerSink, AnswersAPlayerThatAsksForSoundWhereThereIsNone) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "player", {.offers = true, .with_sound = true});
    ASSERT_TRUE(viewer.gets_frames(30)) << viewer.detail() << viewer.waits_for_answer();
    EXPECT_THAT(viewer.waits_for_answer(), HasSubstr("a=inactive"));
}

TEST(ViewerSink, KeepsTheVideoWhenTheSoundBreaksOff) {
    const TestStream stream({.sound_hz = 440});
    ASSERT_TRUE(stream.renders(40));
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.hears(500ms)) << viewer.detail();
    stream.silence();
    ASSERT_TRUE(viewer.gets_frames(90));
    TestViewer late(stream.sink(), "late");
    ASSERT_TRUE(late.gets_frames(30)) << late.detail();
    EXPECT_THAT(viewer.states(), ElementsAre("connecting", "connected"));
}

TEST(ViewerSink, TellsWhatEachViewerIsSent) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "anna");
    const GstStructure* const figures = viewer.waits_for_figures();
    ASSERT_TRUE(figures) << viewer.detail();
    EXPECT_STREQ(gst_structure_get_string(figures, "address-kind"), "host");
    EXPECT_STREQ(gst_structure_get_string(figures, "transport"), "udp");
    guint64 bitrate = 0;
    ASSERT_TRUE(gst_structure_get_uint64(figures, "bitrate-bps", &bitrate));
    EXPECT_GT(bitrate, 20'000U);
    EXPECT_LT(bitrate, 4'000'000U);
}

TEST(ViewerSink, ServesAViewerWhoseNetworkBlocksUdp) {
    const TestStream stream;
    TestViewer refused(stream.sink(), "before", {.tcp_only = true});
    ASSERT_NE(refused.waits_for_offer(), "");
    g_object_set(stream.sink(), "ice-tcp", TRUE, nullptr);
    TestViewer over_tcp(stream.sink(), "tcp", {.tcp_only = true});
    TestViewer over_udp(stream.sink(), "udp");
    ASSERT_TRUE(over_tcp.gets_frames(60)) << over_tcp.detail();
    ASSERT_TRUE(over_tcp.gets_messages(30));
    const GstStructure* figures = over_tcp.waits_for_figures();
    ASSERT_TRUE(figures);
    EXPECT_STREQ(gst_structure_get_string(figures, "transport"), "tcp");
    figures = over_udp.waits_for_figures();
    ASSERT_TRUE(figures);
    EXPECT_STREQ(gst_structure_get_string(figures, "transport"), "udp");
    EXPECT_TRUE(refused.reaches("failed")) << "TCP is off unless it is asked for";
}

TEST(ViewerSink, IsReachedAtTheGivenPortsAlone) {
    const TestStream stream;
    const std::string port = std::to_string(free_udp_port());
    g_object_set(stream.sink(), "ice-ports", (port + "-" + port).c_str(), nullptr);
    TestViewer viewer(stream.sink(), "anna");
    EXPECT_THAT(viewer.waits_for_candidate(), HasSubstr(" 127.0.0.1 " + port + " typ host"));
    ASSERT_TRUE(viewer.gets_frames(5)) << viewer.detail();
    TestViewer without_port(stream.sink(), "bruno");
    ASSERT_TRUE(without_port.reaches("failed"));
    EXPECT_THAT(without_port.detail(), HasSubstr("all of ice-ports are in use"));
    EXPECT_TRUE(viewer.gets_frames(5)) << "who has one keeps it";
}

TEST(ViewerSink, KeepsItsViewersWhenTheStreamChanges) {
    const TestStream stream;
    TestViewer viewer(stream.sink(), "anna");
    ASSERT_TRUE(viewer.gets_frames(5)) << viewer.detail();
    stream.resize(320, 180);
    EXPECT_TRUE(viewer.gets_frames(30));
    EXPECT_THAT(viewer.states(), ElementsAre("connecting", "connected"));
}

TEST(ViewerSink, ClosesItsViewersWhenItStops) {
    auto stream = std::make_unique<TestStream>();
    TestViewer viewer(stream->sink(), "anna");
    ASSERT_TRUE(viewer.gets_frames(5)) << viewer.detail();
    stream->stop();
    EXPECT_TRUE(viewer.reaches("closed"));
    EXPECT_THAT(call(stream->sink(), "set-answer", "anna", "v=0"), HasSubstr("not running"));
}

TEST(ViewerSink, RefusesToStartWithAnAddressOrPortsThatAreNone) {
    const auto sink = Ref<GstElement>::sink(gst_element_factory_make("viewersink", nullptr));
    ASSERT_TRUE(sink);
    g_object_set(sink.get(), "ice-addresses", "127.0.0.1,nonsense", nullptr);
    EXPECT_EQ(gst_element_set_state(sink.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    gst_element_set_state(sink.get(), GST_STATE_NULL);
    g_object_set(sink.get(), "ice-addresses", "127.0.0.1", "ice-ports", "40999-40000", nullptr);
    EXPECT_EQ(gst_element_set_state(sink.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    gst_element_set_state(sink.get(), GST_STATE_NULL);
}
