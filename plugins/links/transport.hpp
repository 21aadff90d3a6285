// Transport: the bytes under a link, as datagrams or a stream. UDP and TCP are its two kinds.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/links/link_uri.hpp"

#include <functional>
#include <memory>
#include <string>

namespace masthead {

/// Where bytes came from and where answers go to; empty on a stream, which has one peer.
using Peer = Ref<GSocketAddress>;

struct TransportEvents {
    std::function<void(ByteSpan, const Peer& from)> received;
    /// Listening or connected: bytes can come. `detail` says where.
    std::function<void(const std::string& detail)> opened;
    /// Not reachable now; the transport tries again by itself with back-off. Said after each failed try.
    std::function<void(const std::string& detail)> closed;
};

/// Thread: the context's, on which the events come too. No event destroys the transport.
class Transport {
  public:
    virtual ~Transport() = default;
    /// Error: invalid_argument for an address that can never work.
    virtual Result<void> start() = 0;
    /// Sends now or not at all. `to` is for a transport of datagrams; empty: the configured peer. Error:
    /// unavailable.
    virtual Result<void> send(ByteSpan bytes, const Peer& to) = 0;
};

/// Listens on host:port, joining the group when that is a multicast address. Peers are told apart by their
/// address.
[[nodiscard]] std::unique_ptr<Transport> listen_udp(const LinkUri& uri, TransportEvents events,
                                                    GMainContext* context);
/// Sends to host:port from a free port and takes what comes back.
[[nodiscard]] std::unique_ptr<Transport> connect_udp(const LinkUri& uri, TransportEvents events,
                                                     GMainContext* context);
[[nodiscard]] std::unique_ptr<Transport> connect_tcp(const LinkUri& uri, TransportEvents events,
                                                     GMainContext* context);

/// "127.0.0.1:14550"; "" for an empty peer.
[[nodiscard]] std::string to_string(const Peer& peer);

} // namespace masthead
