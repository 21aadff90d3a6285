// One WebSocket of a client, text messages only.
#pragma once

#include "plugins/glib/ref.hpp"
#include "server/http/intake_guard.hpp"
#include "server/http/message.hpp"

#include <functional>
#include <memory>
#include <string>

typedef struct _SoupWebsocketConnection SoupWebsocketConnection;

namespace masthead::http {

/// How libsoup 3.2 tells of a slow client: not at all, it queues without bound. So writable() asks the
/// kernel: with TCP_NOTSENT_LOWAT set small, the socket is writable only while (nearly) all that was written
/// has left. What may be dropped (telemetry) is sent only when writable; what may not (signaling, commands)
/// is counted while the socket is blocked, and a client that lets more than kMaxBlockedBytes pile up is cut
/// off. Thread: the server's.
class WebSocket {
  public:
    static constexpr std::size_t kMaxMessageBytes = 128 * 1024; // incoming
    static constexpr std::size_t kMaxBlockedBytes = 1024 * 1024;
    static constexpr double kMessagesPerSecond = 50; // incoming, on average
    static constexpr double kMessageBurst = 300;     // trickled candidates of a whole wall come at once

    WebSocket(SoupWebsocketConnection* connection, GSocket* socket, Caller caller);
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    [[nodiscard]] const Caller& caller() const noexcept { return caller_; }
    [[nodiscard]] bool open() const noexcept;
    /// Whether what was sent before has left this machine's buffers.
    [[nodiscard]] bool writable() const noexcept;
    /// Queues one text message. Does nothing when the socket is closing.
    void send(const std::string& text);
    /// `code` as in RFC 6455 section 7.4. on_close follows, once.
    void close(int code, const std::string& reason);

    std::function<void(const std::string&)> on_message;
    std::function<void()> on_close;

    /// For the server's IntakeGuard.
    [[nodiscard]] const std::shared_ptr<Intake>& intake() const noexcept { return intake_; }

  private:
    void message_arrived(int type, GBytes* message);
    void closed();
    [[nodiscard]] bool too_often();

    Ref<SoupWebsocketConnection> connection_;
    Ref<GSocket> socket_;
    Caller caller_;
    std::size_t blocked_bytes_ = 0;
    std::shared_ptr<Intake> intake_;
    double allowance_ = kMessageBurst;
    std::int64_t last_message_us_ = 0; // monotonic
};

} // namespace masthead::http
