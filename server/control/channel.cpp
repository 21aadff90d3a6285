#include "server/control/channel.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/main_loop.hpp"
#include "plugins/glib/ref.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

namespace masthead::control {

namespace {

constexpr std::size_t kReadBytes =
    65536; // per turn of the main loop, so that one peer cannot starve the others
constexpr std::size_t kMaxNews = 1024;
constexpr std::size_t kMaxUrgentBytes = 4 << 20;
constexpr std::uint64_t kLoggedLines = 20; // further ignored lines are only counted

/// What a message is news about; nothing for messages that must all arrive.
std::optional<std::string> subject_of(const Message& message) {
    if (const auto* telemetry = std::get_if<Telemetry>(&message)) {
        return "telemetry " + telemetry->vehicle + ' ' + telemetry->camera.value_or("");
    }
    if (const auto* traffic = std::get_if<Traffic>(&message)) {
        return "traffic " + traffic->link + ' ' + traffic->address;
    }
    if (const auto* camera = std::get_if<CameraState>(&message)) {
        return "camera " + camera->vehicle + ' ' + camera->camera;
    }
    if (const auto* camera = std::get_if<CameraFigures>(&message)) {
        return "flow " + camera->vehicle + ' ' + camera->camera;
    }
    if (const auto* recording = std::get_if<RecordingState>(&message)) {
        return "recording " + recording->vehicle + ' ' + recording->camera + ' ' + recording->file;
    }
    if (const auto* link = std::get_if<LinkReport>(&message)) {
        return "link " + link->vehicle;
    }
    if (const auto* progress = std::get_if<MissionProgress>(&message)) {
        return "mission " + progress->vehicle;
    }
    if (const auto* figures = std::get_if<ViewerFigures>(&message)) {
        return "viewer " + figures->session;
    }
    return std::nullopt;
}

/// `newer` in the place of `waiting`: of samples, fields that only the older one has stay.
void supersede(Message& waiting, const Message& newer) {
    if (auto* telemetry = std::get_if<Telemetry>(&waiting)) {
        telemetry->sample = merged(telemetry->sample, std::get<Telemetry>(newer).sample);
    } else if (auto* traffic = std::get_if<Traffic>(&waiting)) {
        traffic->sample = merged(traffic->sample, std::get<Traffic>(newer).sample);
    } else {
        waiting = newer;
    }
}

} // namespace

struct Channel::State : std::enable_shared_from_this<State> {
    struct News {
        std::string subject;
        Message message;
    };

    Ref<GSocket> socket;
    ChannelEvents events;
    GMainContext* context = nullptr; // borrowed: outlives the channel
    Owned<GSource> readable;
    Owned<GSource> writable;
    bool breaking = false;
    std::string received;
    std::string writing; // a line of which some bytes may have been sent
    std::size_t written = 0;
    std::deque<std::string> urgent;
    std::size_t urgent_bytes = 0;
    std::deque<News> news;
    ChannelCounters counters;
    bool closed = false;

    void watch(Owned<GSource>& source, GIOCondition condition, GSocketSourceFunc ready) {
        source.reset(g_socket_create_source(socket.get(), condition, nullptr));
        g_source_set_callback(source.get(), G_SOURCE_FUNC(ready), this, nullptr);
        g_source_attach(source.get(), context);
    }

    void hang_up(const std::string& reason) {
        if (closed) {
            return;
        }
        close();
        if (events.hang_up) {
            events.hang_up(reason);
        }
    }

    void close() {
        closed = true;
        readable.reset();
        writable.reset();
    }

    /// Hangs up from the main loop: send() must not call back into its caller.
    void break_soon() {
        if (!std::exchange(breaking, true)) {
            post(context, [weak = weak_from_this()] {
                if (const auto self = weak.lock()) {
                    self->hang_up("the other side does not read");
                }
            });
        }
    }

    void receive() {
        std::array<char, kReadBytes> bytes{};
        GError* error = nullptr;
        const gssize size =
            g_socket_receive_with_blocking(socket.get(), bytes.data(), bytes.size(), FALSE, nullptr, &error);
        if (size < 0) {
            const Owned<GError> owned(error);
            if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
                hang_up(owned->message);
            }
            return;
        }
        if (size == 0) {
            hang_up("the other side closed");
            return;
        }
        received.append(bytes.data(), static_cast<std::size_t>(size));
        deliver();
    }

    void deliver() {
        std::size_t begin = 0;
        for (std::size_t end = received.find('\n'); end != std::string::npos && !closed;
             end = received.find('\n', begin)) {
            take_line(std::string_view(received).substr(begin, end - begin));
            begin = end + 1;
        }
        if (closed) {
            return;
        }
        received.erase(0, begin);
        if (received.size() > kMaxLineBytes) {
            hang_up("a line longer than " + std::to_string(kMaxLineBytes) + " bytes");
        }
    }

    void take_line(std::string_view line) {
        auto message = decode(line);
        if (message) {
            events.message(*std::move(message));
            return;
        }
        if (++counters.ignored_lines <= kLoggedLines) {
            log(LogLevel::warning, "a control message is ignored",
                {{"reason", message.error().message}, {"bytes", std::to_string(line.size())}});
        }
    }

    bool next_line() {
        if (!urgent.empty()) {
            writing = std::move(urgent.front());
            urgent.pop_front();
            urgent_bytes -= writing.size();
        } else if (!news.empty()) {
            writing = encode(news.front().message) + '\n';
            news.pop_front();
        } else {
            return false;
        }
        written = 0;
        return true;
    }

    void flush() {
        while (written < writing.size() || next_line()) {
            GError* error = nullptr;
            const gssize size = g_socket_send_with_blocking(socket.get(), writing.data() + written,
                                                            writing.size() - written, FALSE, nullptr, &error);
            if (size < 0) {
                const Owned<GError> owned(error);
                if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
                    return; // the reading side sees the same end and says so
                }
                if (!writable) {
                    watch(writable, G_IO_OUT, [](GSocket*, GIOCondition, gpointer data) -> gboolean {
                        static_cast<State*>(data)->flush();
                        return G_SOURCE_CONTINUE;
                    });
                }
                return;
            }
            written += static_cast<std::size_t>(size);
        }
        writing.clear();
        written = 0;
        writable.reset();
    }

    void enqueue_news(std::string subject, const Message& message) {
        const auto waiting = std::ranges::find(news, subject, &News::subject);
        if (waiting != news.end()) {
            supersede(waiting->message, message);
            ++counters.superseded;
            return;
        }
        if (news.size() >= kMaxNews) {
            news.pop_front();
            ++counters.superseded;
        }
        news.push_back({std::move(subject), message});
    }
};

Channel::Channel(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Channel::~Channel() { state_->close(); }

Result<std::unique_ptr<Channel>> Channel::create(int fd, ChannelEvents events, GMainContext* context) {
    GError* error = nullptr;
    auto state = std::make_shared<State>();
    state->socket = Ref<GSocket>::adopt(g_socket_new_from_fd(fd, &error));
    if (!state->socket) {
        return fail_from(error, "control channel");
    }
    g_socket_set_blocking(state->socket.get(), FALSE);
    state->events = std::move(events);
    state->context = context;
    state->watch(state->readable, G_IO_IN, [](GSocket*, GIOCondition, gpointer data) -> gboolean {
        const auto self = static_cast<State*>(data)->shared_from_this();
        self->receive();
        return G_SOURCE_CONTINUE;
    });
    return std::unique_ptr<Channel>(new Channel(std::move(state)));
}

Result<void> Channel::send(const Message& message) {
    State& state = *state_;
    if (state.closed) {
        return {};
    }
    if (auto subject = subject_of(message)) {
        state.enqueue_news(*std::move(subject), message);
    } else {
        std::string line = encode(message);
        if (line.size() > kMaxLineBytes) {
            return fail(Code::too_large, std::string(type_of(message)) + ": a message of " +
                                             std::to_string(line.size()) + " bytes; at most " +
                                             std::to_string(kMaxLineBytes) + " fit a line");
        }
        line += '\n';
        state.urgent_bytes += line.size();
        state.urgent.push_back(std::move(line));
        if (state.urgent_bytes > kMaxUrgentBytes) {
            state.break_soon();
        }
    }
    if (!state.writable) {
        state.flush();
    }
    return {};
}

ChannelCounters Channel::counters() const noexcept { return state_->counters; }

} // namespace masthead::control
