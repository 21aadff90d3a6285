// The database thread: connects, runs jobs, notices when the server goes.
#include "server/store/database.hpp"

#include "plugins/glib/log.hpp"
#include "plugins/glib/main_loop.hpp"
#include "server/store/migrations.hpp"

#include <glib.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace masthead::store {

Database::Database(DatabaseSettings settings)
    : settings_(std::move(settings)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { work(); }) {}

Database::~Database() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    eventfd_write(wake_, 1);
    thread_.join();
    close(wake_);
}

tl::unexpected<Error> Database::down() {
    return fail(Code::unavailable,
                "the database cannot be reached just now; it is tried again every few seconds");
}

bool Database::post(std::function<void(Connection*)> work, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= kMaxJobs) {
            return false;
        }
        jobs_.push_back({std::move(work), std::move(done)});
    }
    eventfd_write(wake_, 1);
    return true;
}

void Database::work() {
    while (true) {
        if (!connection_ && g_get_monotonic_time() >= next_try_us_) {
            connect();
        }
        Job job;
        {
            const std::lock_guard lock(mutex_);
            if (ending_) {
                return;
            }
            if (!jobs_.empty()) {
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
        }
        if (!job.work) {
            wait_for_work();
            continue;
        }
        job.work(connection_.get());
        if (job.done) {
            on_main_loop(std::move(job.done));
        }
        if (connection_ && !connection_->usable()) {
            connection_.reset();
            report(false, "the connection was lost");
        }
    }
}

void Database::connect() {
    auto opened = Connection::open(settings_.conninfo, settings_.name, settings_.statement_timeout_ms);
    Result<void> ready = opened ? migrate(*opened) : Result<void>(tl::unexpected(opened.error()));
    if (ready && settings_.on_connect) {
        ready = settings_.on_connect(*opened);
    }
    if (ready) {
        connection_ = std::make_unique<Connection>(std::move(*opened));
        backoff_.healthy();
        report(true, "");
        return;
    }
    next_try_us_ = g_get_monotonic_time() + std::chrono::microseconds(backoff_.failed()).count();
    report(false, ready.error().message);
}

void Database::wait_for_work() {
    pollfd watched[2] = {{.fd = wake_, .events = POLLIN, .revents = 0},
                         {.fd = -1, .events = POLLIN, .revents = 0}};
    int timeout_ms = -1;
    if (connection_) {
        watched[1].fd = connection_->socket();
    } else {
        timeout_ms =
            static_cast<int>(std::max<std::int64_t>(0, (next_try_us_ - g_get_monotonic_time()) / 1000 + 1));
    }
    poll(watched, 2, timeout_ms);
    eventfd_t count = 0;
    eventfd_read(wake_, &count);
    if (connection_ && watched[1].revents != 0) {
        connection_->consume();
        if (!connection_->usable()) {
            connection_.reset();
            report(false, "the connection was lost");
        }
    }
}

void Database::report(bool up, const std::string& detail) {
    if (detail == last_detail_) {
        return;
    }
    last_detail_ = detail;
    log(up ? LogLevel::info : LogLevel::warning, up ? "database is up" : "database is down; trying again",
        {{"connection", settings_.name}, {"detail", detail}});
    if (settings_.on_state) {
        on_main_loop([callback = settings_.on_state, up, detail] { callback(up, detail); });
    }
}

} // namespace masthead::store
