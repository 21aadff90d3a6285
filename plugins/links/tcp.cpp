// TCP under a link: a client that connects again by itself.
#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/timer.hpp"
#include "plugins/links/socket_watch.hpp"
#include "plugins/links/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace masthead {

namespace {

constexpr guint kConnectTimeoutS = 10;

/// A peer that vanished without a word (cable, power) is found out within about half a minute.
void watch_for_dead_peer(GSocket* socket) {
    g_socket_set_keepalive(socket, TRUE);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 10, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 4, nullptr);
}

class Tcp : public Transport {
  public:
    Tcp(LinkUri uri, TransportEvents events, GMainContext* context)
        : uri_(std::move(uri)), events_(std::move(events)), context_(context),
          retry_(context, [this] { connect(); }), client_(Ref<GSocketClient>::adopt(g_socket_client_new())) {
        g_socket_client_set_timeout(client_.get(), kConnectTimeoutS);
    }

    ~Tcp() override {
        if (cancel_) {
            g_cancellable_cancel(cancel_.get());
        }
    }
    Tcp(const Tcp&) = delete;
    Tcp& operator=(const Tcp&) = delete;

    Result<void> start() override {
        if (uri_.host.empty()) {
            return fail(Code::invalid_argument, "the link's URI needs a host to connect to, as in " +
                                                    uri_.scheme + "://HOST:" + std::to_string(uri_.port));
        }
        connect();
        return {};
    }

    Result<void> send(ByteSpan bytes, const Peer&) override {
        if (!watch_) {
            return fail(Code::unavailable, "not connected to " + where());
        }
        GError* error = nullptr;
        const auto* data = reinterpret_cast<const gchar*>(bytes.data());
        const gssize sent = g_socket_send(watch_->socket(), data, bytes.size(), nullptr, &error);
        if (sent == static_cast<gssize>(bytes.size())) {
            return {};
        }
        if (sent < 0) {
            return fail_from(error, "sending to " + where());
        }
        // Half a message would spoil the next one; a peer that reads this little is as good as gone.
        retry_.arm(std::chrono::milliseconds(0));
        return fail(Code::unavailable, where() + " does not read what it is sent");
    }

  private:
    [[nodiscard]] std::string where() const { return uri_.host + ":" + std::to_string(uri_.port); }

    /// What an unfinished connect needs when it ends: the transport may be gone by then, which `cancel` says.
    struct Attempt {
        Tcp* tcp;
        Ref<GCancellable> cancel;
        GMainContext* context;
    };

    void connect() {
        watch_.reset();
        connection_.reset();
        cancel_ = Ref<GCancellable>::adopt(g_cancellable_new());
        auto attempt = std::make_unique<Attempt>(Attempt{this, cancel_, context_});
        // GIO reports on the context that is the thread's default when the operation begins.
        g_main_context_push_thread_default(context_);
        g_socket_client_connect_to_host_async(client_.get(), uri_.host.c_str(), uri_.port, cancel_.get(),
                                              &Tcp::on_connected, attempt.release());
        g_main_context_pop_thread_default(context_);
    }

    static void on_connected(GObject* client, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Attempt> attempt(static_cast<Attempt*>(data));
        GError* error = nullptr;
        auto connection = Ref<GSocketConnection>::adopt(
            g_socket_client_connect_to_host_finish(G_SOCKET_CLIENT(client), result, &error));
        if (g_cancellable_is_cancelled(attempt->cancel.get()) != 0) {
            const Owned<GError> dropped(error);
            return;
        }
        if (!connection) {
            const Owned<GError> owned(error);
            attempt->tcp->lost(owned->message);
            return;
        }
        attempt->tcp->connected(std::move(connection));
    }

    void connected(Ref<GSocketConnection> connection) {
        connection_ = std::move(connection);
        auto socket = Ref<GSocket>::share(g_socket_connection_get_socket(connection_.get()));
        g_socket_set_timeout(socket.get(), 0);
        watch_for_dead_peer(socket.get());
        watch_ = std::make_unique<SocketWatch>(
            std::move(socket), context_,
            [this](ByteSpan bytes, const Peer& from) {
                backoff_.healthy();
                events_.received(bytes, from);
            },
            [this](const std::string& reason) { lost(reason); });
        events_.opened("connected to tcp " + where());
    }

    void lost(const std::string& reason) {
        retry_.arm(backoff_.failed());
        events_.closed("tcp " + where() + ": " + reason);
    }

    LinkUri uri_;
    TransportEvents events_;
    GMainContext* context_;
    Backoff backoff_;
    Timer retry_;
    Ref<GSocketClient> client_;
    Ref<GCancellable> cancel_;
    Ref<GSocketConnection> connection_;
    std::unique_ptr<SocketWatch> watch_;
};

} // namespace

std::unique_ptr<Transport> connect_tcp(const LinkUri& uri, TransportEvents events, GMainContext* context) {
    return std::make_unique<Tcp>(uri, std::move(events), context);
}

} // namespace masthead
