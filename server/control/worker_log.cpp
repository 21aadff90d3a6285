#include "server/control/worker_log.hpp"

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace masthead::control {

WorkerLog::~WorkerLog() { close(); }

Result<int> WorkerLog::open() {
    close();
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(Code::unavailable, std::string("pipe: ") + std::strerror(errno));
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pipe_ = ends[0];
    source_.reset(g_unix_fd_source_new(pipe_, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP)));
    const GUnixFDSourceFunc on_data = [](gint, GIOCondition, gpointer self) -> gboolean {
        return static_cast<WorkerLog*>(self)->take() ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    };
    g_source_set_callback(source_.get(), G_SOURCE_FUNC(on_data), this, nullptr);
    g_source_attach(source_.get(), context_);
    return ends[1];
}

/// Takes in what is there; false at the end of the stream.
bool WorkerLog::take() {
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t size = read(pipe_, buffer.data(), buffer.size());
        if (size <= 0) {
            return size < 0 && (errno == EAGAIN || errno == EINTR);
        }
        const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
        std::fwrite(text.data(), 1, text.size(), stderr);
        add(text);
    }
}

void WorkerLog::add(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        begun_ += text.substr(0, end);
        begun_.resize(std::min(begun_.size(), kMaxLineBytes));
        if (end == std::string_view::npos) {
            return;
        }
        lines_.push_back(std::exchange(begun_, {}));
        if (lines_.size() > kMaxLines) {
            lines_.pop_front();
        }
        text.remove_prefix(end + 1);
    }
}

void WorkerLog::close() {
    if (pipe_ >= 0) {
        take(); // a process that has just died may have said why
        source_.reset();
        ::close(pipe_);
        pipe_ = -1;
    }
}

} // namespace masthead::control
