#include "server/recording/progress.hpp"

#include "plugins/glib/json.hpp"
#include "server/recording/commands.hpp"

#include <unistd.h>

#include <cstdio>

namespace masthead::recording_tool {
namespace {

constexpr std::int64_t kIntervalUs = 200'000;

} // namespace

void Progress::stage(const char* detail, double from, double to) {
    detail_ = detail;
    from_ = from;
    to_ = to;
    say(0);
}

void Progress::step(double done) {
    if (g_get_monotonic_time() - said_us_ >= kIntervalUs) {
        say(done);
    }
}

int Progress::failed(const Error& error) const {
    if (json_) {
        json::Writer out;
        out.begin_object()
            .member("error", to_string(error.code))
            .member("message", error.message)
            .end_object();
        std::puts(out.text().c_str());
    }
    return give_up(error);
}

void Progress::say(double done) {
    said_us_ = g_get_monotonic_time();
    const double all = from_ + done * (to_ - from_);
    if (json_) {
        json::Writer out;
        out.begin_object().member("progress", all).member("detail", detail_).end_object();
        std::puts(out.text().c_str());
        std::fflush(stdout);
    } else if (isatty(STDERR_FILENO) != 0) {
        std::fprintf(stderr, "\r%3.0f %% %s\x1b[K", all * 100, detail_.c_str());
    }
}

} // namespace masthead::recording_tool
