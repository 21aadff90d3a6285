// masthead-worker as a program: by hand, with a server that speaks nonsense, and without one.
#include "plugins/glib/ref.hpp"
#include "server/control/channel.hpp"
#include "tests/unit/links_loop.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

using namespace masthead;
using namespace masthead::control;
using namespace masthead::test;
using testing::HasSubstr;

namespace {

constexpr int kPatience_s = 60;

struct Ended {
    int status = -1;
    std::string out;
    std::string err;
};

/// A worker of our own, without a fleet.
class Program {
  public:
    Program(std::vector<const char*> arguments, int control_fd) {
        const auto launcher = Ref<GSubprocessLauncher>::adopt(g_subprocess_launcher_new(
            static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE)));
        if (control_fd >= 0) {
            g_subprocess_launcher_take_fd(launcher.get(), control_fd, 3);
        }
        arguments.insert(arguments.begin(), MASTHEAD_WORKER);
        arguments.push_back(nullptr);
        process_ =
            Ref<GSubprocess>::adopt(g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), nullptr));
    }
    ~Program() { g_subprocess_force_exit(process_.get()); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Waits for its end.
    [[nodiscard]] Ended end() const {
        Ended ended;
        gchar* out = nullptr;
        gchar* err = nullptr;
        EXPECT_TRUE(g_subprocess_communicate_utf8(process_.get(), nullptr, nullptr, &out, &err, nullptr));
        ended.out = take_string(out);
        ended.err = take_string(err);
        ended.status =
            g_subprocess_get_if_exited(process_.get()) ? g_subprocess_get_exit_status(process_.get()) : -1;
        return ended;
    }
    void send_signal(int number) const { g_subprocess_send_signal(process_.get(), number); }

  private:
    Ref<GSubprocess> process_;
};

} // namespace

TEST(WorkerProgram, SaysWhatItIsForWhenRunByHand) {
    const Ended ended = Program({}, -1).end();
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.err, HasSubstr("start masthead-server"));
}

TEST(WorkerProgram, HasHelpAndAVersion) {
    const Ended help = Program({"--help"}, -1).end();
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, HasSubstr("file descriptor 3"));
    const Ended version = Program({"--version"}, -1).end();
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.out, testing::StartsWith("masthead-worker "));
    EXPECT_EQ(Program({"--sing"}, -1).end().status, 2);
}

TEST(WorkerProgram, IgnoresWhatItDoesNotUnderstandAndEndsWithItsServer) {
    const Loop loop;
    std::array<int, 2> fds{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
    const Program program({}, fds[1]);
    const std::string nonsense = "nonsense\n{\"type\":\"weather\"}\n"
                                 "{\"type\":\"viewer.remove\",\"session\":\"before-configure\"}\n";
    ASSERT_EQ(write(fds[0], nonsense.data(), nonsense.size()), ssize_t(nonsense.size()));
    bool ready = false;
    auto channel = *Channel::create(
        fds[0],
        {.message = [&](Message&& message) { ready |= std::holds_alternative<Ready>(message); },
         .hang_up = [](const std::string&) {}},
        loop.context());
    ASSERT_TRUE(channel->send(Configure{{}, {{"kestrel", VehicleKind::drone, {}, {}, {}}}}));
    ASSERT_TRUE(channel->send(Configure{}));
    ASSERT_TRUE(channel->send(Ready{1}));
    ASSERT_TRUE(channel->send(ViewerAdd{"session_1", "tern", "nose"}));
    ASSERT_TRUE(loop.until([&] { return ready; }, kPatience_s));
    channel.reset();
    const Ended ended = program.end();
    EXPECT_EQ(ended.status, 0);
    EXPECT_THAT(ended.err, HasSubstr("unknown message type 'weather'"));
    EXPECT_THAT(ended.err, HasSubstr("a message before the configuration is ignored"));
    EXPECT_THAT(ended.err, HasSubstr("a second configuration is ignored"));
    EXPECT_THAT(ended.err, HasSubstr("a message that only a worker may send is ignored"));
}

TEST(WorkerProgram, EndsInOrderOnSigterm) {
    const Loop loop;
    std::array<int, 2> fds{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
    const Program program({}, fds[1]);
    bool ready = false;
    const auto channel = *Channel::create(
        fds[0],
        {.message = [&](Message&& message) { ready |= std::holds_alternative<Ready>(message); },
         .hang_up = [](const std::string&) {}},
        loop.context());
    ASSERT_TRUE(channel->send(Configure{}));
    ASSERT_TRUE(loop.until([&] { return ready; }, kPatience_s));
    program.send_signal(SIGTERM);
    EXPECT_EQ(program.end().status, 0);
}
