// The other end of a link under test: a UDP peer and a TCP server on free ports of 127.0.0.1.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/glib/ref.hpp"

#include <array>
#include <optional>

namespace masthead::test {

[[nodiscard]] inline Ref<GSocketAddress> local_address(std::uint16_t port) {
    return Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", port));
}

[[nodiscard]] inline std::uint16_t port_of(GSocket* socket) {
    const auto address = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket, nullptr));
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address.get()));
}

/// Whatever is there to read; nothing when there is nothing.
[[nodiscard]] inline std::optional<Bytes> read_now(GSocket* socket) {
    std::array<std::byte, 4096> buffer{};
    auto* bytes = reinterpret_cast<gchar*>(buffer.data());
    const gssize size = g_socket_receive(socket, bytes, buffer.size(), nullptr, nullptr);
    if (size <= 0) {
        return std::nullopt;
    }
    return Bytes(buffer.begin(), buffer.begin() + size);
}

class UdpPeer {
  public:
    UdpPeer() {
        socket_ = Ref<GSocket>::adopt(
            g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr));
        g_socket_bind(socket_.get(), local_address(0).get(), FALSE, nullptr);
        g_socket_set_blocking(socket_.get(), FALSE);
    }
    [[nodiscard]] std::uint16_t port() const { return port_of(socket_.get()); }
    void send(ByteSpan bytes, std::uint16_t port) const {
        const auto* data = reinterpret_cast<const gchar*>(bytes.data());
        g_socket_send_to(socket_.get(), local_address(port).get(), data, bytes.size(), nullptr, nullptr);
    }
    [[nodiscard]] std::optional<Bytes> read() const { return read_now(socket_.get()); }

  private:
    Ref<GSocket> socket_;
};

/// A port that was free a moment ago.
[[nodiscard]] inline std::uint16_t free_udp_port() { return UdpPeer().port(); }

class TcpServer {
  public:
    explicit TcpServer(std::uint16_t port = 0) {
        socket_ = Ref<GSocket>::adopt(
            g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr));
        g_socket_bind(socket_.get(), local_address(port).get(), TRUE, nullptr);
        g_socket_listen(socket_.get(), nullptr);
        g_socket_set_blocking(socket_.get(), FALSE);
    }
    [[nodiscard]] std::uint16_t port() const { return port_of(socket_.get()); }
    /// True once a client is there.
    bool accept() {
        if (!client_) {
            client_ = Ref<GSocket>::adopt(g_socket_accept(socket_.get(), nullptr, nullptr));
            if (client_) {
                g_socket_set_blocking(client_.get(), FALSE);
            }
        }
        return static_cast<bool>(client_);
    }
    void send(ByteSpan bytes) const {
        const auto* data = reinterpret_cast<const gchar*>(bytes.data());
        g_socket_send(client_.get(), data, bytes.size(), nullptr, nullptr);
    }
    [[nodiscard]] std::optional<Bytes> read() const { return read_now(client_.get()); }
    void hang_up() { client_.reset(); }

  private:
    Ref<GSocket> socket_;
    Ref<GSocket> client_;
};

} // namespace masthead::test
