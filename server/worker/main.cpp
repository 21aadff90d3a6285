// masthead-worker: runs the links, cameras and viewers of one group of vehicles for the masthead-server that
// started it.
#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"
#include "server/worker/worker.hpp"
#include "version.hpp"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace {

using namespace masthead;

constexpr int kControlFd = 3;
constexpr int kEndsWithin_s = 5;
constexpr int kUsage = 2;

constexpr const char* kHelp =
    "masthead-worker runs the telemetry links, camera pipelines and viewers of one or more vehicles.\n"
    "masthead-server starts it and speaks to it over a socketpair (file descriptor 3, one JSON object a "
    "line,\n"
    "schema/worker.schema.json). There is nothing to run by hand: start masthead-server.\n"
    "\n"
    "  --help     this text\n"
    "  --version  the version\n"
    "\n"
    "Environment: GST_PLUGIN_PATH (where Masthead's GStreamer plugin is, if it is not installed), "
    "GST_DEBUG.\n";

bool is_socket(int fd) {
    struct stat status {};
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/// A main thread or a pipeline that hangs does not keep the process alive: alarm()'s default action ends it.
void end(GMainLoop* loop) {
    alarm(kEndsWithin_s);
    g_main_loop_quit(loop);
}

std::atomic<int> wake_fd = -1; // the only thing a signal handler can reach

void on_signal(int) {
    alarm(kEndsWithin_s);
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_fd, &one, sizeof one);
}

gboolean on_wake(gint, GIOCondition, gpointer loop) {
    end(static_cast<GMainLoop*>(loop));
    return G_SOURCE_REMOVE;
}

/// SIGTERM (also when the server dies without a word) and SIGINT end the process in order.
void catch_signals(GMainLoop* loop) {
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_unix_fd_add(wake_fd, G_IO_IN, on_wake, loop);
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

int run() {
    const Owned<GMainLoop> loop(g_main_loop_new(nullptr, FALSE));
    catch_signals(loop.get());
    auto worker = worker::Worker::create(kControlFd, [&loop] { end(loop.get()); });
    if (!worker) {
        log(LogLevel::error, "the worker cannot start", {{"reason", worker.error().message}});
        return kUsage;
    }
    g_main_loop_run(loop.get());
    (*worker)->stop([&loop] { g_main_loop_quit(loop.get()); });
    g_main_loop_run(loop.get());
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        std::fputs(kHelp, stdout);
        return 0;
    }
    if (argc == 2 && std::string_view(argv[1]) == "--version") {
        std::puts("masthead-worker " MASTHEAD_VERSION);
        return 0;
    }
    if (argc != 1 || !is_socket(kControlFd)) {
        std::fputs(argc != 1 ? "masthead-worker: unknown argument\n"
                             : "masthead-worker: file descriptor 3 is no socket\n",
                   stderr);
        std::fputs(kHelp, stderr);
        return kUsage;
    }
    fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
    set_log_name("worker");
    gst_init(nullptr, nullptr);
    return run();
}
