// Listening, accepting, and writing what each client's socket takes.
#include "simulator/tcp_fan_out.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"

namespace masthead::sim {

Result<std::unique_ptr<TcpFanOut>> TcpFanOut::create(const std::string& address, int port) {
    const auto local = Ref<GSocketAddress>::adopt(
        g_inet_socket_address_new_from_string(address.c_str(), static_cast<guint>(port)));
    if (!local) {
        return fail(Code::invalid_argument, "--nmea-address: '" + address + "' is no IP address");
    }
    auto out = std::make_unique<TcpFanOut>(Key{});
    GError* error = nullptr;
    out->listener_ = Ref<GSocket>::adopt(g_socket_new(g_socket_address_get_family(local.get()),
                                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error));
    if (!out->listener_ || !g_socket_bind(out->listener_.get(), local.get(), TRUE, &error) ||
        !g_socket_listen(out->listener_.get(), &error)) {
        return fail_from(error, "NMEA cannot be served by TCP at " + address + " port " +
                                    std::to_string(port) + " (--nmea-port chooses another)");
    }
    g_socket_set_blocking(out->listener_.get(), FALSE);
    const auto bound = Ref<GSocketAddress>::adopt(g_socket_get_local_address(out->listener_.get(), nullptr));
    out->port_ = bound ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get())) : port;
    out->source_ = Owned<GSource>(g_socket_create_source(out->listener_.get(), G_IO_IN, nullptr));
    const GSocketSourceFunc on_incoming = [](GSocket*, GIOCondition, gpointer self) -> gboolean {
        static_cast<TcpFanOut*>(self)->accept_one();
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(out->source_.get(), G_SOURCE_FUNC(on_incoming), out.get(), nullptr);
    g_source_attach(out->source_.get(), nullptr);
    return out;
}

void TcpFanOut::accept_one() {
    auto socket = Ref<GSocket>::adopt(g_socket_accept(listener_.get(), nullptr, nullptr));
    if (!socket) {
        return;
    }
    if (clients_.size() >= kMaxClients) {
        log(LogLevel::warning, "one NMEA client too many is turned away");
        return;
    }
    auto client = std::make_unique<Client>();
    client->socket = socket;
    client->watch = std::make_unique<SocketWatch>(
        socket, nullptr, [](ByteSpan, const Ref<GSocketAddress>&) {},
        [borrowed = client.get()](const std::string&) { borrowed->gone = true; }); // freed at the next send
    clients_.push_back(std::move(client));
}

void TcpFanOut::flush(Client& client) {
    while (!client.behind.empty() && !client.gone) {
        GError* error = nullptr;
        const gssize sent =
            g_socket_send(client.socket.get(), client.behind.data(), client.behind.size(), nullptr, &error);
        const Owned<GError> owned(error);
        if (sent > 0) {
            client.behind.erase(0, static_cast<std::size_t>(sent));
        } else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            return; // tried again with the next sentence
        } else {
            client.gone = true;
        }
    }
}

void TcpFanOut::send(std::string_view text) {
    for (const auto& client : clients_) {
        client->behind += text;
        flush(*client);
        if (client->behind.size() > kMaxBehindBytes) {
            log(LogLevel::warning, "an NMEA client that does not read is dropped");
            client->gone = true;
        }
    }
    std::erase_if(clients_, [](const auto& client) { return client->gone; });
}

} // namespace masthead::sim
