// Twenty viewers that misbehave, each in its own way and all at once, while two others watch the same stream:
// each of the twenty is gone by itself, and the two miss nothing.
#include "tests/integration/viewers/misdeeds.hpp"
#include "tests/integration/viewers/test_stream.hpp"
#include "tests/integration/viewers/usage.hpp"
#include "tests/unit/bad_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::test;
using testing::HasSubstr;

namespace {

struct Misbehaviour {
    const char* name;
    ViewerOptions options;
    bool connects; // first
    Grip (*misdeed)(TestViewer&);
    const char* reason; // that its end gives
};

std::string noise(const std::string&) {
    std::string text(1 << 20, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(1 + i * 31 % 255);
    }
    return text;
}

std::string changed_last_digit(const std::string& text, const std::string& start) {
    std::string line = line_of(text, start);
    line.back() = line.back() == '0' ? '1' : '0';
    return with_lines(text, start, line);
}

Change changing(const char* start) {
    return [start](const std::string& text) { return changed_last_digit(text, start); };
}

std::string of_another_session(const std::string& offer) {
    const std::string ufrag = changed_last_digit(offer, "a=ice-ufrag:");
    return changed_last_digit(ufrag, "a=ice-pwd:");
}

constexpr const char* kNoConnection = "no connection within 15 s";
constexpr const char* kNothingReached = " for " /* 25 s nothing, or 10 s no metadata */;
constexpr const char* kTooManyPackets = "packets a second";

const std::vector<Misbehaviour>& misbehaviours() {
    static const std::vector<Misbehaviour> all{
        {"never answers", {.silent = true}, false, nothing_more, kNoConnection},
        {"answers and vanishes before a path is found", {.hides = true}, false, nothing_more, kNoConnection},
        {"offers and vanishes before a path is found",
         {.offers = true, .hides = true},
         false,
         nothing_more,
         kNoConnection},
        {"vanishes while it watches", {}, true, vanish, kNothingReached},
        {"stops reading its socket", {}, true, stop_reading, kNothingReached},
        {"loses everything but connectivity checks", {}, true, lose_all_media, kNothingReached},
        {"never reads its data channel", {}, true, ignore_data_channel, "has taken no metadata"},
        {"answers with a megabyte of noise", {.change_answer = noise}, false, nothing_more, ""},
        {"answers the offer of another session",
         {.mistake_offer = of_another_session},
         false,
         nothing_more,
         ""},
        {"has another certificate than it says",
         {.change_answer = changing("a=fingerprint:")},
         false,
         nothing_more,
         "certificate"},
        {"names a wrong ICE password", {.change_answer = changing("a=ice-pwd:")}, false, answer_again, ""},
        {"trickles thousands of candidates",
         {.hides = true},
         false,
         send_thousands_of_candidates,
         "more candidates"},
        {"sends candidates of hostile addresses", {.hides = true}, false, send_hostile_candidates, ""},
        {"sends garbage to the stream's port", {.hides = true}, false, send_garbage_to_port, kNoConnection},
        {"closes DTLS and keeps the path", {}, true, close_dtls, ""},
        {"closes its data channel", {}, true, close_data_channel, "left"},
        {"opens a hundred data channels", {}, true, open_a_hundred_channels, "data channels"},
        {"floods its data channel", {}, true, flood_data_channel, kTooManyPackets},
        {"floods with key frame requests", {}, true, flood_with_key_frame_requests, kTooManyPackets},
        {"floods with requests to send again",
         {.offers = true},
         true,
         flood_with_resend_requests,
         "again and again"},
    };
    return all;
}

/// No packet and no frame between its first and its latest is missing.
void expect_nothing_missed(TestViewer& viewer) {
    const auto messages = viewer.messages();
    ASSERT_TRUE(viewer.gets_frames(90)) << viewer.detail(); // those that the messages told of are there
    const auto packets = viewer.arrivals();
    std::set<std::uint32_t> frames;
    std::size_t missing = 0;
    const std::uint16_t from = viewer.sequence_numbers().front();
    const std::uint16_t to = viewer.sequence_numbers().back();
    for (std::uint16_t number = from; number != to; ++number) {
        const auto found = packets.find(number);
        missing += found == packets.end() ? 1 : 0;
        frames.insert(found == packets.end() ? 0 : found->second);
    }
    EXPECT_EQ(missing, 0U) << "of " << packets.size() << " packets";
    std::set<std::uint32_t> numbers;
    for (const auto& [timestamp, header] : messages) {
        EXPECT_TRUE(frames.contains(timestamp)) << "frame " << header.seq;
        numbers.insert(header.seq);
    }
    EXPECT_EQ(numbers.size(), *numbers.rbegin() - *numbers.begin() + 1U) << "messages";
    EXPECT_THAT(viewer.states(), testing::ElementsAre("connecting", "connected"));
}

/// One viewer that misbehaves. Its grip goes before it does.
struct BadViewer {
    const Misbehaviour* misbehaviour;
    std::unique_ptr<TestViewer> viewer;
    Grip grip;
};

} // namespace

TEST(MisbehavingViewers, AreGoneByThemselvesAndOthersMissNothing) {
    g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_LEVEL_ERROR));
    // Metadata enough to fill a data channel that nobody reads.
    const TestStream stream({.klv_bytes = 4'096});
    ASSERT_TRUE(stream.renders(30));
    const Usage before = usage();
    // The kernel drops packets of anyone when it is flooded; like a browser they have them sent again.
    auto first =
        std::make_unique<TestViewer>(stream.sink(), "first good", ViewerOptions{.latency_ms = 2'000});
    auto second = std::make_unique<TestViewer>(stream.sink(), "second good",
                                               ViewerOptions{.offers = true, .latency_ms = 2'000});
    ASSERT_TRUE(first->gets_frames(60)) << first->detail();
    ASSERT_TRUE(second->gets_frames(60)) << second->detail();

    ASSERT_EQ(misbehaviours().size(), 20U);
    const auto began = std::chrono::steady_clock::now();
    std::vector<BadViewer> bad;
    for (const Misbehaviour& misbehaviour : misbehaviours()) {
        bad.push_back({&misbehaviour,
                       std::make_unique<TestViewer>(stream.sink(), misbehaviour.name, misbehaviour.options),
                       nullptr});
    }
    for (auto& [misbehaviour, viewer, grip] : bad) {
        SCOPED_TRACE(misbehaviour->name);
        if (misbehaviour->connects) {
            ASSERT_TRUE(viewer->gets_messages(5) && viewer->gets_frames(5)) << viewer->detail();
        } else if (!misbehaviour->options.silent) {
            (void)viewer->waits_for_refusal();
        }
        grip = misbehaviour->misdeed(*viewer);
    }
    for (auto& [misbehaviour, viewer, grip] : bad) {
        SCOPED_TRACE(misbehaviour->name);
        EXPECT_TRUE(viewer->ends());
        const std::chrono::duration<double> took = viewer->changed_at() - began;
        std::printf("%5.1f s  %-45s %s: %s\n", took.count(), misbehaviour->name,
                    viewer->states().back().c_str(), viewer->detail().c_str());
        EXPECT_THAT(viewer->detail(), HasSubstr(misbehaviour->reason));
        EXPECT_GT(viewer->detail().size(), 10U);
    }
    for (auto& [misbehaviour, viewer, grip] : bad) {
        grip.reset();
        viewer.reset();
    }
    for (const Misbehaviour& misbehaviour : misbehaviours()) {
        const TestViewer again(stream.sink(), misbehaviour.name, {.silent = true});
        EXPECT_TRUE(again.was_added()) << misbehaviour.name;
    }
    expect_nothing_missed(*first);
    expect_nothing_missed(*second);
    first.reset();
    second.reset();
    const Usage after = settled(before);
    EXPECT_TRUE(is_back(before, after))
        << before.threads << " -> " << after.threads << " threads, " << before.descriptors << " -> "
        << after.descriptors << " descriptors";
}
