// The same bytes to every client that connects by TCP. A client that does not read is dropped, never waited
// for.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/links/socket_watch.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::sim {

/// Thread: the default main context's.
class TcpFanOut {
    struct Key {}; // lets create() alone construct

  public:
    /// Listens until destroyed. `port` 0 takes a free one. Errors: unavailable or already_exists naming the
    /// port, invalid_argument for an address that is none.
    [[nodiscard]] static Result<std::unique_ptr<TcpFanOut>> create(const std::string& address, int port);
    explicit TcpFanOut(Key) {}
    TcpFanOut(const TcpFanOut&) = delete;
    TcpFanOut& operator=(const TcpFanOut&) = delete;

    void send(std::string_view text);
    [[nodiscard]] int port() const noexcept { return port_; }
    [[nodiscard]] std::size_t clients() const noexcept { return clients_.size(); }

  private:
    static constexpr std::size_t kMaxClients = 32;
    static constexpr std::size_t kMaxBehindBytes =
        64 * 1024; // a minute of sentences, on top of the kernel's buffer

    struct Client {
        Ref<GSocket> socket;
        std::unique_ptr<SocketWatch> watch; // notices the end; what a client says is not ours to answer
        std::string behind;
        bool gone = false;
    };
    void accept_one();
    static void flush(Client& client);

    int port_ = 0;
    Ref<GSocket> listener_;
    Owned<GSource> source_;
    std::vector<std::unique_ptr<Client>> clients_;
};

} // namespace masthead::sim
