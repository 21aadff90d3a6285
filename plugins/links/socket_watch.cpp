// Reads a socket when it is readable.
#include "plugins/links/socket_watch.hpp"

namespace masthead {

namespace {

constexpr int kReadsPerTurn = 64; // so that a flood on one link leaves the loop to the others

} // namespace

SocketWatch::SocketWatch(Ref<GSocket> socket, GMainContext* context, Received received, Ended ended)
    : socket_(std::move(socket)), received_(std::move(received)), ended_(std::move(ended)) {
    g_socket_set_blocking(socket_.get(), FALSE);
    source_.reset(g_socket_create_source(socket_.get(), G_IO_IN, nullptr));
    g_source_set_callback(source_.get(), G_SOURCE_FUNC(&SocketWatch::on_readable), this, nullptr);
    g_source_attach(source_.get(), context);
}

SocketWatch::~SocketWatch() = default;

gboolean SocketWatch::on_readable(GSocket*, GIOCondition, gpointer self) {
    auto* watch = static_cast<SocketWatch*>(self);
    for (int reads = 0; reads < kReadsPerTurn; ++reads) {
        if (!watch->read_once()) {
            break;
        }
    }
    return G_SOURCE_CONTINUE;
}

/// False when there is nothing more to read, or `this` may be gone.
bool SocketWatch::read_once() {
    const bool stream = g_socket_get_socket_type(socket_.get()) == G_SOCKET_TYPE_STREAM;
    GError* error = nullptr;
    GSocketAddress* from = nullptr;
    auto* bytes = reinterpret_cast<gchar*>(buffer_.data());
    const gssize size = g_socket_receive_from(socket_.get(), stream ? nullptr : &from, bytes, buffer_.size(),
                                              nullptr, &error);
    const auto peer = Ref<GSocketAddress>::adopt(from);
    if (size < 0) {
        const Owned<GError> owned(error);
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) && stream) {
            source_.reset();
            ended_(owned->message);
        }
        return false; // a datagram socket's errors are about one datagram
    }
    if (size == 0 && stream) {
        source_.reset();
        ended_("the other side closed the connection");
        return false;
    }
    received_(ByteSpan(buffer_).first(static_cast<std::size_t>(size)), peer);
    return source_ != nullptr;
}

} // namespace masthead
