// UDP under a link: listening, or sending to a configured peer.
#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/timer.hpp"
#include "plugins/links/socket_watch.hpp"
#include "plugins/links/transport.hpp"

namespace masthead {

namespace {

std::string host_and_port(const LinkUri& uri) {
    return (uri.host.empty() ? "*" : uri.host) + ":" + std::to_string(uri.port);
}

/// An address without asking a name server: an IP address, "localhost", or "" for all addresses of this
/// machine.
Result<Ref<GInetAddress>> literal_address(const std::string& host) {
    if (host.empty()) {
        return Ref<GInetAddress>::adopt(g_inet_address_new_any(G_SOCKET_FAMILY_IPV4));
    }
    if (host == "localhost") {
        return Ref<GInetAddress>::adopt(g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4));
    }
    auto address = Ref<GInetAddress>::adopt(g_inet_address_new_from_string(host.c_str()));
    if (!address) {
        return fail(Code::invalid_argument, "the link's host '" + host +
                                                "' must be an IP address of this machine or a multicast "
                                                "group to listen on, or localhost");
    }
    return address;
}

Result<Ref<GSocket>> bound_socket(GInetAddress* address, std::uint16_t port) {
    GError* error = nullptr;
    auto socket = Ref<GSocket>::adopt(g_socket_new(g_inet_address_get_family(address), G_SOCKET_TYPE_DATAGRAM,
                                                   G_SOCKET_PROTOCOL_UDP, &error));
    if (!socket) {
        return fail_from(error, "making a UDP socket");
    }
    const bool group = g_inet_address_get_is_multicast(address) != 0;
    const auto local = Ref<GSocketAddress>::adopt(g_inet_socket_address_new(address, port));
    // Only listeners of a group may share a port; two links on one port would steal each other's datagrams.
    if (g_socket_bind(socket.get(), local.get(), group ? TRUE : FALSE, &error) == 0) {
        return fail_from(error, "listening");
    }
    if (group && g_socket_join_multicast_group(socket.get(), address, FALSE, nullptr, &error) == 0) {
        return fail_from(error, "joining the multicast group");
    }
    return socket;
}

class Udp : public Transport {
  public:
    Udp(LinkUri uri, bool listens, TransportEvents events, GMainContext* context)
        : uri_(std::move(uri)), listens_(listens), events_(std::move(events)), context_(context),
          retry_(context, [this] { open(); }) {}

    Result<void> start() override {
        if (listens_) {
            auto address = literal_address(uri_.host);
            if (!address) {
                return tl::unexpected(address.error());
            }
            address_ = *address;
        }
        open();
        return {};
    }

    Result<void> send(ByteSpan bytes, const Peer& to) override {
        const Peer& peer = to ? to : configured_;
        if (!watch_ || !peer) {
            return fail(Code::unavailable, "no address is known to send to yet");
        }
        GError* error = nullptr;
        const auto* data = reinterpret_cast<const gchar*>(bytes.data());
        if (g_socket_send_to(watch_->socket(), peer.get(), data, bytes.size(), nullptr, &error) < 0) {
            return fail_from(error, "sending to " + to_string(peer));
        }
        return {};
    }

  private:
    Result<Ref<GSocket>> open_socket() {
        if (listens_) {
            return bound_socket(address_.get(), uri_.port);
        }
        // The name is looked up on each try, in the calling thread: links are few, and hosts files or
        // addresses the rule.
        GError* error = nullptr;
        const auto target =
            Ref<GSocketConnectable>::adopt(g_network_address_new(uri_.host.c_str(), uri_.port));
        const auto addresses =
            Ref<GSocketAddressEnumerator>::adopt(g_socket_connectable_enumerate(target.get()));
        configured_ = Peer::adopt(g_socket_address_enumerator_next(addresses.get(), nullptr, &error));
        if (!configured_) {
            return fail_from(error, "looking up '" + uri_.host + "'");
        }
        const auto any =
            Ref<GInetAddress>::adopt(g_inet_address_new_any(g_socket_address_get_family(configured_.get())));
        return bound_socket(any.get(), 0);
    }

    void open() {
        auto socket = open_socket();
        if (!socket) {
            events_.closed("udp " + host_and_port(uri_) + ": " + socket.error().message +
                           (listens_ ? "; is another program using the port?" : ""));
            retry_.arm(backoff_.failed());
            return;
        }
        backoff_.healthy();
        watch_ = std::make_unique<SocketWatch>(
            std::move(*socket), context_,
            [this](ByteSpan bytes, const Peer& from) { events_.received(bytes, from); },
            [](const std::string&) {});
        events_.opened((listens_ ? "listening on udp " : "sending to udp ") + host_and_port(uri_));
    }

    LinkUri uri_;
    bool listens_;
    TransportEvents events_;
    GMainContext* context_;
    Backoff backoff_;
    Timer retry_;
    Ref<GInetAddress> address_;
    Peer configured_;
    std::unique_ptr<SocketWatch> watch_;
};

} // namespace

std::unique_ptr<Transport> listen_udp(const LinkUri& uri, TransportEvents events, GMainContext* context) {
    return std::make_unique<Udp>(uri, true, std::move(events), context);
}

std::unique_ptr<Transport> connect_udp(const LinkUri& uri, TransportEvents events, GMainContext* context) {
    return std::make_unique<Udp>(uri, false, std::move(events), context);
}

std::string to_string(const Peer& peer) {
    return peer ? take_string(g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(peer.get()))) : "";
}

} // namespace masthead
