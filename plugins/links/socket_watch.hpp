// SocketWatch: hands over what a non-blocking socket receives, on a main context.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/glib/ref.hpp"

#include <array>
#include <functional>

namespace masthead {

/// Thread: the context's. Destroying it stops it; the callbacks may do so only as their last act.
class SocketWatch {
  public:
    using Received = std::function<void(ByteSpan, const Ref<GSocketAddress>& from)>;
    using Ended = std::function<void(const std::string& reason)>;

    /// `received` gets each read (a datagram, or a part of a stream; `from` is empty on a stream). `ended` is
    /// called once, when a stream is over or the socket fails; nothing is received after it.
    SocketWatch(Ref<GSocket> socket, GMainContext* context, Received received, Ended ended);
    ~SocketWatch();
    SocketWatch(const SocketWatch&) = delete;
    SocketWatch& operator=(const SocketWatch&) = delete;

    [[nodiscard]] GSocket* socket() const noexcept { return socket_.get(); }

  private:
    static gboolean on_readable(GSocket* socket, GIOCondition condition, gpointer self);
    bool read_once();

    Ref<GSocket> socket_;
    Received received_;
    Ended ended_;
    std::array<std::byte, 65536> buffer_;
    Owned<GSource> source_;
};

} // namespace masthead
