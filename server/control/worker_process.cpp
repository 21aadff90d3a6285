#include "server/control/worker_process.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/glib/timer.hpp"
#include "server/control/supervision.hpp"
#include "server/control/worker_log.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace masthead::control {

namespace {

constexpr int kWorkerFd = 3;

Instant now() { return Instant(g_get_monotonic_time()); }

/// Runs in the child between fork and exec: async-signal-safe calls only.
void prepare_child(gpointer server_pid) {
    setpgid(0, 0); // Ctrl-C in a terminal goes to the server, which ends its workers in order
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != static_cast<pid_t>(GPOINTER_TO_INT(server_pid))) {
        _exit(0); // the server died before prctl could notice
    }
}

std::string how_it_ended(GSubprocess* process) {
    if (g_subprocess_get_if_signaled(process)) {
        return "killed by signal " + std::to_string(g_subprocess_get_term_sig(process));
    }
    return "ended with status " + std::to_string(g_subprocess_get_exit_status(process));
}

} // namespace

struct WorkerProcess::State : std::enable_shared_from_this<State> {
    std::string program;
    std::string name;
    Configure configure;
    WorkerProcessEvents events;
    GMainContext* context = g_main_context_get_thread_default(); // borrowed: outlives the fleet
    Supervision supervision;
    Timer timer{context, [this] { feed(SupervisionInput::timer); }};
    Ref<GSubprocess> process;
    std::unique_ptr<Channel> channel;
    WorkerLog written{context}; // what the process writes
    std::function<void()> ended;
    std::string detail = "not started yet";
    std::string reason; // what was seen before the process ended

    void feed(SupervisionInput input);
    void act(SupervisionAction action, std::optional<Instant> down_since);
    void arm_timer();
    void spawn();
    Result<void> try_spawn();
    void watch_exit();
    void exited(GSubprocess* which);
    void take(Message&& message);
    void say_up(std::optional<Instant> down_since);
    void say_down();
    void kill();
    void dispose();
};

void WorkerProcess::State::feed(SupervisionInput input) {
    const auto self = shared_from_this(); // a call-back may destroy the WorkerProcess
    const std::optional<Instant> down_since = supervision.died_at;
    auto step = next(supervision, input, now());
    supervision = std::move(step.state);
    arm_timer();
    for (const SupervisionAction action : step.actions) {
        act(action, down_since);
    }
}

void WorkerProcess::State::act(SupervisionAction action, std::optional<Instant> down_since) {
    switch (action) {
    case SupervisionAction::spawn: spawn(); break;
    case SupervisionAction::ask_to_end: channel.reset(); break; // the worker sees its end close
    case SupervisionAction::kill: kill(); break;
    case SupervisionAction::say_up: say_up(down_since); break;
    case SupervisionAction::say_down: say_down(); break;
    case SupervisionAction::ended:
        if (const auto callback = std::exchange(ended, nullptr)) {
            callback();
        }
        break;
    }
}

void WorkerProcess::State::arm_timer() {
    if (supervision.timer) {
        timer.arm(std::chrono::ceil<std::chrono::milliseconds>(*supervision.timer - now()));
    } else {
        timer.cancel();
    }
}

void WorkerProcess::State::spawn() {
    reason.clear();
    if (const auto spawned = try_spawn(); !spawned) {
        reason = "could not be started: " + spawned.error().message;
        kill();
        channel.reset();
        process.reset();
        feed(SupervisionInput::exited);
    }
}

Result<void> WorkerProcess::State::try_spawn() {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail(Code::unavailable, std::string("socketpair: ") + g_strerror(errno));
    }
    const auto launcher = Ref<GSubprocessLauncher>::adopt(g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE));
    g_subprocess_launcher_take_fd(launcher.get(), ends[1], kWorkerFd);
    const auto log_end = written.open();
    if (!log_end) {
        ::close(ends[0]);
        return tl::unexpected(log_end.error());
    }
    g_subprocess_launcher_take_stderr_fd(launcher.get(), *log_end);
    g_subprocess_launcher_set_child_setup(launcher.get(), prepare_child, GINT_TO_POINTER(getpid()), nullptr);
    auto opened = Channel::create(ends[0],
                                  {.message = [this](Message&& message) { take(std::move(message)); },
                                   .hang_up =
                                       [this](const std::string& why) {
                                           reason = "its channel ended: " + why;
                                           feed(SupervisionInput::hung_up);
                                       }},
                                  context);
    if (!opened) {
        ::close(ends[0]);
        return tl::unexpected(opened.error());
    }
    channel = *std::move(opened);
    const std::array<const gchar*, 2> arguments{program.c_str(), nullptr};
    GError* error = nullptr;
    process = Ref<GSubprocess>::adopt(g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), &error));
    if (!process) {
        return fail_from(error, "start of " + program);
    }
    watch_exit();
    return channel->send(configure);
}

void WorkerProcess::State::watch_exit() {
    auto self = std::make_unique<std::weak_ptr<State>>(weak_from_this());
    g_subprocess_wait_async(
        process.get(), nullptr,
        [](GObject* object, GAsyncResult*, gpointer data) {
            const std::unique_ptr<std::weak_ptr<State>> owned(static_cast<std::weak_ptr<State>*>(data));
            if (const auto state = owned->lock()) {
                state->exited(G_SUBPROCESS(object));
            }
        },
        self.release());
}

void WorkerProcess::State::exited(GSubprocess* which) {
    if (process.get() != which) {
        return; // one that was given up: its successor runs
    }
    reason = how_it_ended(which) + (reason.empty() ? "" : " (" + reason + ")");
    process.reset();
    channel.reset();
    feed(SupervisionInput::exited);
}

void WorkerProcess::State::take(Message&& message) {
    if (std::holds_alternative<Ready>(message)) {
        feed(SupervisionInput::ready);
    } else if (const auto forward = events.message) {
        forward(std::move(message));
    }
}

void WorkerProcess::State::say_up(std::optional<Instant> down_since) {
    detail.clear();
    // A worker may have ended between saying that it is ready and this.
    const gchar* identifier = g_subprocess_get_identifier(process.get());
    const std::string process_id = identifier ? identifier : "ended";
    if (down_since) {
        const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(now() - *down_since);
        log(LogLevel::info, "worker is back",
            {{"worker", name}, {"pid", process_id}, {"after_ms", std::to_string(after.count())}});
    } else {
        log(LogLevel::info, "worker is up", {{"worker", name}, {"pid", process_id}});
    }
    if (const auto up = events.up) {
        up();
    }
}

void WorkerProcess::State::say_down() {
    if (supervision.phase == Supervision::Phase::stopping) {
        detail = supervision.again ? "restarting with new settings" : "stopping";
    } else {
        const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(*supervision.timer - now());
        detail = "the worker " + reason + "; it is started again";
        log(LogLevel::error, "worker is down",
            {{"worker", name}, {"reason", reason}, {"again_in_ms", std::to_string(wait.count())}});
    }
    if (const auto down = events.down) {
        down(detail);
    }
}

void WorkerProcess::State::kill() {
    if (process) {
        g_subprocess_force_exit(process.get());
    }
}

void WorkerProcess::State::dispose() {
    events = {};
    ended = nullptr;
    timer.cancel();
    kill();
    process.reset();
    channel.reset();
}

WorkerProcess::WorkerProcess(std::string program, std::string name, Configure configure,
                             WorkerProcessEvents events)
    : state_(std::make_shared<State>()) {
    state_->program = std::move(program);
    state_->name = std::move(name);
    state_->configure = std::move(configure);
    state_->events = std::move(events);
}

WorkerProcess::~WorkerProcess() { state_->dispose(); }

void WorkerProcess::start() { state_->feed(SupervisionInput::start); }

void WorkerProcess::restart(std::string name, Configure configure) {
    state_->name = std::move(name);
    state_->configure = std::move(configure);
    state_->feed(SupervisionInput::restart);
}

void WorkerProcess::stop(std::function<void()> ended) {
    state_->events = {};
    state_->ended = std::move(ended);
    state_->feed(SupervisionInput::stop);
}

const Configure& WorkerProcess::configuration() const noexcept { return state_->configure; }
bool WorkerProcess::up() const noexcept { return state_->supervision.phase == Supervision::Phase::up; }
const std::string& WorkerProcess::detail() const noexcept { return state_->detail; }

std::int64_t WorkerProcess::pid() const noexcept {
    const gchar* identifier = state_->process ? g_subprocess_get_identifier(state_->process.get()) : nullptr;
    return identifier ? g_ascii_strtoll(identifier, nullptr, 10) : 0;
}

const std::deque<std::string>& WorkerProcess::log_lines() const noexcept { return state_->written.lines(); }

Result<void> WorkerProcess::send(const Message& message) {
    if (!up() || !state_->channel) {
        return fail(Code::unavailable, "the vehicle's worker is down: " + state_->detail);
    }
    return state_->channel->send(message);
}

} // namespace masthead::control
