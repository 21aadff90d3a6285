// WebSocket over libsoup: limits, keep-alive, and what the kernel knows about a slow client.
#include "server/http/websocket.hpp"

#include "plugins/glib/log.hpp"

#include <libsoup/soup.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace masthead::http {
namespace {

constexpr int kNotSentLowWaterBytes = 16 * 1024;
constexpr guint kPingSeconds = 20;
constexpr int kIdleSeconds = 70; // three pings without an answer
constexpr int kIpProtoTcp = 6;

} // namespace

WebSocket::WebSocket(SoupWebsocketConnection* connection, GSocket* socket, Caller caller)
    : connection_(Ref<SoupWebsocketConnection>::share(connection)), socket_(Ref<GSocket>::share(socket)),
      caller_(std::move(caller)), intake_(std::make_shared<Intake>(socket, caller_.user)) {
    soup_websocket_connection_set_max_incoming_payload_size(connection, kMaxMessageBytes);
    soup_websocket_connection_set_keepalive_interval(connection, kPingSeconds);
    g_socket_set_timeout(socket, kIdleSeconds);
    const int low_water = kNotSentLowWaterBytes;
    setsockopt(g_socket_get_fd(socket), kIpProtoTcp, TCP_NOTSENT_LOWAT, &low_water, sizeof(low_water));
    g_signal_connect(connection, "message",
                     G_CALLBACK(+[](SoupWebsocketConnection*, int type, GBytes* message, gpointer self) {
                         static_cast<WebSocket*>(self)->message_arrived(type, message);
                     }),
                     this);
    g_signal_connect(connection, "closed", G_CALLBACK(+[](SoupWebsocketConnection*, gpointer self) {
                         static_cast<WebSocket*>(self)->closed();
                     }),
                     this);
}

WebSocket::~WebSocket() { g_signal_handlers_disconnect_by_data(connection_.get(), this); }

bool WebSocket::open() const noexcept {
    return soup_websocket_connection_get_state(connection_.get()) == SOUP_WEBSOCKET_STATE_OPEN;
}

bool WebSocket::writable() const noexcept {
    return (g_socket_condition_check(socket_.get(), G_IO_OUT) & G_IO_OUT) != 0;
}

void WebSocket::send(const std::string& text) {
    if (!open()) {
        return;
    }
    blocked_bytes_ = writable() ? 0 : blocked_bytes_ + text.size();
    if (blocked_bytes_ > kMaxBlockedBytes) {
        log(LogLevel::warning, "a client does not read its WebSocket; closing it", {{"user", caller_.user}});
        close(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "too slow");
        return;
    }
    const auto bytes = Ref<GBytes>::adopt(g_bytes_new(text.data(), text.size()));
    soup_websocket_connection_send_message(connection_.get(), SOUP_WEBSOCKET_DATA_TEXT, bytes.get());
}

void WebSocket::close(int code, const std::string& reason) {
    if (open()) {
        soup_websocket_connection_close(connection_.get(), static_cast<gushort>(code), reason.c_str());
    }
}

void WebSocket::message_arrived(int type, GBytes* message) {
    intake_->message_ended();
    if (!open()) {
        return;
    }
    if (too_often()) {
        close(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "too many messages");
        return;
    }
    if (type != SOUP_WEBSOCKET_DATA_TEXT) {
        close(SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA, "text messages only");
        return;
    }
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(message, &size));
    if (size > kMaxMessageBytes) {
        close(SOUP_WEBSOCKET_CLOSE_TOO_BIG, "message too large");
    } else if (on_message) {
        on_message(std::string(data, size));
    }
}

bool WebSocket::too_often() {
    const std::int64_t now_us = g_get_monotonic_time();
    const double passed_s = last_message_us_ == 0 ? 0 : static_cast<double>(now_us - last_message_us_) / 1e6;
    last_message_us_ = now_us;
    allowance_ = std::min(kMessageBurst, allowance_ + passed_s * kMessagesPerSecond) - 1;
    return allowance_ < 0;
}

void WebSocket::closed() {
    if (auto callback = std::exchange(on_close, nullptr)) {
        callback(); // may destroy this object
    }
}

} // namespace masthead::http
