// Two channels, or one and a bare socket, on one main context.
#include "plugins/glib/ref.hpp"
#include "server/control/channel.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

using namespace masthead;
using namespace masthead::control;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Runs the default context until `done`, at most ten seconds.
testing::AssertionResult run_until(const std::function<bool()>& done) {
    const gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    const Owned<GSource> tick(g_timeout_source_new(50));
    g_source_set_callback(
        tick.get(), [](gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr, nullptr);
    g_source_attach(tick.get(), nullptr);
    while (!done()) {
        if (g_get_monotonic_time() > end) {
            return testing::AssertionFailure() << "not within ten seconds";
        }
        g_main_context_iteration(nullptr, TRUE);
    }
    return testing::AssertionSuccess();
}

struct End {
    std::unique_ptr<Channel> channel;
    std::vector<Message> messages;
    std::vector<std::string> hang_ups;

    void open(int fd) {
        channel = *Channel::create(
            fd, {.message = [this](Message&& message) { messages.push_back(std::move(message)); },
                 .hang_up = [this](const std::string& why) { hang_ups.push_back(why); }});
    }
};

class ChannelTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds_.data()), 0);
        near_.open(fds_[0]);
    }
    void TearDown() override {
        if (!far_.channel) {
            close(fds_[1]);
        }
    }
    void write_raw(const std::string& text) {
        ASSERT_EQ(write(fds_[1], text.data(), text.size()), ssize_t(text.size()));
    }

    std::array<int, 2> fds_{};
    End near_;
    End far_;
};

Telemetry telemetry(const std::string& vehicle, std::int64_t us) {
    Telemetry telemetry;
    telemetry.vehicle = vehicle;
    telemetry.sample.time = Utc{us};
    return telemetry;
}

} // namespace

TEST_F(ChannelTest, CarriesMessagesBothWaysInOrder) {
    far_.open(fds_[1]);
    ASSERT_TRUE(near_.channel->send(ViewerAdd{"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(near_.channel->send(ViewerRemove{"session_1"}));
    ASSERT_TRUE(far_.channel->send(Ready{7}));
    ASSERT_TRUE(run_until([&] { return far_.messages.size() == 2 && near_.messages.size() == 1; }));
    EXPECT_TRUE(std::holds_alternative<ViewerAdd>(far_.messages[0]));
    EXPECT_TRUE(std::holds_alternative<ViewerRemove>(far_.messages[1]));
    EXPECT_EQ(std::get<Ready>(near_.messages[0]).pid, 7);
}

TEST_F(ChannelTest, CarriesALineLargerThanTheSocketsBuffer) {
    far_.open(fds_[1]);
    Configure large;
    large.ice_addresses.assign(10'000, std::string(90, 'x'));
    ASSERT_TRUE(near_.channel->send(large));
    ASSERT_TRUE(run_until([&] { return !far_.messages.empty(); }));
    EXPECT_EQ(std::get<Configure>(far_.messages[0]), large);
}

TEST_F(ChannelTest, RefusesToSendALineThatIsTooLong) {
    Configure large;
    large.ice_addresses.assign(20'000, std::string(90, 'x'));
    const auto sent = near_.channel->send(large);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Code::too_large);
}

TEST_F(ChannelTest, PutsTogetherALineThatComesInPieces) {
    write_raw(R"({"type":"rea)");
    write_raw("dy\",\"pid\":12}\n{\"type\":");
    ASSERT_TRUE(run_until([&] { return near_.messages.size() == 1; }));
    EXPECT_EQ(std::get<Ready>(near_.messages[0]).pid, 12);
}

TEST_F(ChannelTest, IgnoresAndCountsWhatIsNoMessage) {
    write_raw("nonsense\n{\"type\":\"weather\"}\n{\"type\":\"ready\",\"pid\":1}\n");
    ASSERT_TRUE(run_until([&] { return near_.messages.size() == 1; }));
    EXPECT_EQ(near_.channel->counters().ignored_lines, 2U);
    EXPECT_TRUE(near_.hang_ups.empty());
}

TEST_F(ChannelTest, DeliversWhatWasWrittenBeforeTheOtherSideClosed) {
    far_.open(fds_[1]);
    ASSERT_TRUE(far_.channel->send(Ready{1}));
    far_.channel.reset();
    ASSERT_TRUE(run_until([&] { return !near_.hang_ups.empty(); }));
    EXPECT_EQ(near_.messages.size(), 1U);
    EXPECT_THAT(near_.hang_ups, ElementsAre("the other side closed"));
    EXPECT_TRUE(near_.channel->send(Ready{1})) << "a closed channel swallows";
    far_.channel = nullptr;
    fds_[1] = -1;
}

TEST_F(ChannelTest, HangsUpOnALineWithoutEnd) {
    const std::string piece(65536, 'x');
    ASSERT_TRUE(run_until([&] {
        (void)send(fds_[1], piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        return !near_.hang_ups.empty();
    }));
    EXPECT_THAT(near_.hang_ups, ElementsAre(HasSubstr("a line longer than")));
}

TEST_F(ChannelTest, KeepsOnlyTheNewestNewsForAReaderThatSleepsButEveryCommand) {
    constexpr int kRounds = 20'000; // far more than the socket holds
    for (int i = 0; i < kRounds; ++i) {
        Telemetry news = telemetry(i % 2 == 0 ? "kestrel" : "tern", i);
        if (i == kRounds - 4) {
            news.sample.mode = "AUTO";
        }
        ASSERT_TRUE(near_.channel->send(news));
        if (i % 1000 == 0) {
            ASSERT_TRUE(
                near_.channel->send(CommandProgress{"c" + std::to_string(i), CommandState::sent, ""}));
        }
    }
    EXPECT_GT(near_.channel->counters().superseded, 10'000U);
    far_.open(fds_[1]);
    const auto is_last = [](const Message& message) {
        const auto* news = std::get_if<Telemetry>(&message);
        return news && news->sample.time.us == kRounds - 1;
    };
    ASSERT_TRUE(run_until([&] { return std::ranges::any_of(far_.messages, is_last); }));
    EXPECT_EQ(
        std::ranges::count_if(
            far_.messages, [](const Message& one) { return std::holds_alternative<CommandProgress>(one); }),
        kRounds / 1000);
    std::vector<Telemetry> newest;
    for (const Message& message : far_.messages) {
        if (const auto* news = std::get_if<Telemetry>(&message);
            news && news->sample.time.us >= kRounds - 2) {
            newest.push_back(*news);
        }
    }
    ASSERT_EQ(newest.size(), 2U) << "one for each vehicle";
    EXPECT_EQ(newest[0].sample.mode, "AUTO") << "what only an older sample said is kept";
}

TEST_F(ChannelTest, BoundsTheSpeakersWhoseNewsWait) {
    for (int i = 0; i < 4'000; ++i) {
        Traffic traffic{"link", std::to_string(i), {}};
        ASSERT_TRUE(near_.channel->send(traffic));
    }
    EXPECT_GT(near_.channel->counters().superseded, 1'000U);
}

TEST_F(ChannelTest, HangsUpOnAReaderThatSleepsOnTooManyCommands) {
    const ViewerAnswer answer{"session_1", std::string(60'000, 'x')};
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(near_.channel->send(answer));
    }
    EXPECT_TRUE(near_.hang_ups.empty()) << "never from within send()";
    ASSERT_TRUE(run_until([&] { return !near_.hang_ups.empty(); }));
    EXPECT_THAT(near_.hang_ups, ElementsAre("the other side does not read"));
}

TEST_F(ChannelTest, MayBeDestroyedByItsOwnCallBacks) {
    std::unique_ptr<Channel> own;
    std::array<int, 2> fds{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()), 0);
    int heard = 0;
    own = *Channel::create(fds[0], {.message =
                                        [&](Message&&) {
                                            ++heard;
                                            own.reset();
                                        },
                                    .hang_up = {}});
    const std::string two = "{\"type\":\"ready\",\"pid\":1}\n{\"type\":\"ready\",\"pid\":2}\n";
    ASSERT_EQ(write(fds[1], two.data(), two.size()), ssize_t(two.size()));
    ASSERT_TRUE(run_until([&] { return heard > 0; }));
    EXPECT_EQ(heard, 1);
    EXPECT_FALSE(own);
    close(fds[1]);
}
