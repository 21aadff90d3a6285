// Messages to another system's HTTP address, one after the other, tried again until they are taken.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace masthead::http {

struct WebhookSettings {
    std::string url; // http:// or https://; what follows the host may be a secret and is never logged
    /// Read for each message; "": messages are not signed.
    std::function<std::string()> secret;
};

/// POST with a JSON body, `Masthead-Delivery` (a name of the message, the same when it is tried again) and,
/// with a secret, `Masthead-Signature: sha256=HEX`, the HMAC of the body. 2xx takes a message. Other answers
/// and none within 10 s: it is tried again after 1 s to 60 s, but given up after an hour, and at once on a
/// 4xx that says it will never do (all but 408 and 429). kMaxWaiting messages wait; then the oldest is given
/// up. Redirects are not followed. Thread: the default GMainContext's.
class Webhook {
  public:
    static constexpr std::size_t kMaxWaiting = 200;

    explicit Webhook(WebhookSettings settings);
    ~Webhook();
    Webhook(const Webhook&) = delete;
    Webhook& operator=(const Webhook&) = delete;

    void post(std::string json);
    /// Messages that were given up, since the start.
    [[nodiscard]] std::uint64_t given_up() const noexcept;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace masthead::http
