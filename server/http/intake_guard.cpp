#include "server/http/intake_guard.hpp"

#include "plugins/glib/log.hpp"

#include <fcntl.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace masthead::http {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(50);
constexpr std::uint64_t kMaxIntakeBytes = 1024 * 1024;
constexpr int kIpProtoTcp = 6;

} // namespace

Intake::Intake(GSocket* socket, std::string user)
    : fd_(fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0)), user_(std::move(user)) {
    message_ended();
}

Intake::~Intake() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

std::uint64_t Intake::bytes_received() const noexcept {
    tcp_info info{};
    socklen_t size = sizeof(info);
    return getsockopt(fd_, kIpProtoTcp, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

void Intake::check() noexcept {
    const std::uint64_t before = at_last_message_;
    const std::uint64_t now = bytes_received();
    if (cut_ || now < before || now - before <= kMaxIntakeBytes) {
        return;
    }
    cut_ = true;
    log(LogLevel::warning, "a client sends a message without end; cutting it off", {{"user", user_}});
    // A close frame would leave the client five seconds to go on sending; and with a reset at the end it does
    // not wait for room in a window that stays shut.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    shutdown(fd_, SHUT_RDWR);
}

IntakeGuard::IntakeGuard() : thread_([this] { run(); }) {}

IntakeGuard::~IntakeGuard() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void IntakeGuard::watch(const std::shared_ptr<Intake>& intake) {
    {
        const std::lock_guard lock(mutex_);
        intakes_.push_back(intake);
    }
    changed_.notify_all();
}

void IntakeGuard::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        if (intakes_.empty()) {
            changed_.wait(lock, [this] { return ending_ || !intakes_.empty(); });
        } else {
            changed_.wait_for(lock, kEvery, [this] { return ending_; });
        }
        std::erase_if(intakes_, [](const auto& weak) {
            const auto intake = weak.lock();
            if (intake) {
                intake->check();
            }
            return !intake;
        });
    }
}

} // namespace masthead::http
