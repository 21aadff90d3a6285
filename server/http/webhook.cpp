// libsoup's client behind Webhook.
#include "server/http/webhook.hpp"

#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/glib/timer.hpp"

#include <libsoup/soup.h>

#include <deque>

namespace masthead::http {
namespace {

constexpr guint kTimeoutSeconds = 10;
constexpr std::int64_t kGiveUpUs = std::int64_t{3600} * 1'000'000;

std::string signature(const std::string& secret, const std::string& body) {
    return "sha256=" + take_string(g_compute_hmac_for_data(
                           G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(secret.data()), secret.size(),
                           reinterpret_cast<const guchar*>(body.data()), body.size()));
}

std::string host_of(const std::string& url) {
    const Owned<GUri> uri(g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, nullptr));
    return uri && g_uri_get_host(uri.get()) ? g_uri_get_host(uri.get()) : "";
}

bool will_never_do(unsigned status) {
    return status >= 400 && status < 500 && status != SOUP_STATUS_REQUEST_TIMEOUT && status != 429;
}

} // namespace

struct Webhook::State : std::enable_shared_from_this<Webhook::State> {
    struct Waiting {
        std::string id;
        std::string body;
        std::int64_t since_us;
    };
    WebhookSettings settings;
    std::string host = host_of(settings.url);
    Ref<SoupSession> session = Ref<SoupSession>::adopt(
        soup_session_new_with_options("timeout", kTimeoutSeconds, "user-agent", "masthead", nullptr));
    std::deque<Waiting> queue; // the first is on its way while `sending`
    bool sending = false;
    bool failing = false;
    std::uint64_t given_up = 0;
    Backoff backoff{.first = std::chrono::milliseconds(1000), .most = std::chrono::milliseconds(60'000)};
    Timer retry{nullptr, [this] { send(); }};

    explicit State(WebhookSettings from) : settings(std::move(from)) {}
    void send();
    void answered(unsigned status, const std::string& error);
};

void Webhook::State::send() {
    if (sending || queue.empty() || retry.armed()) {
        return;
    }
    const Waiting& first = queue.front();
    const auto message = Ref<SoupMessage>::adopt(soup_message_new("POST", settings.url.c_str()));
    soup_message_set_flags(message.get(), SOUP_MESSAGE_NO_REDIRECT);
    SoupMessageHeaders* headers = soup_message_get_request_headers(message.get());
    soup_message_headers_replace(headers, "Masthead-Delivery", first.id.c_str());
    if (const std::string secret = settings.secret ? settings.secret() : ""; !secret.empty()) {
        soup_message_headers_replace(headers, "Masthead-Signature", signature(secret, first.body).c_str());
    }
    const auto body = Ref<GBytes>::adopt(g_bytes_new(first.body.data(), first.body.size()));
    soup_message_set_request_body_from_bytes(message.get(), "application/json", body.get());
    sending = true;
    soup_session_send_and_read_async(
        session.get(), message.get(), G_PRIORITY_DEFAULT, nullptr,
        [](GObject* source, GAsyncResult* result, gpointer data) {
            const std::unique_ptr<std::weak_ptr<State>> owned(static_cast<std::weak_ptr<State>*>(data));
            const auto state = owned->lock();
            if (!state) {
                return;
            }
            GError* error = nullptr;
            const auto answer =
                Ref<GBytes>::adopt(soup_session_send_and_read_finish(SOUP_SESSION(source), result, &error));
            SoupMessage* sent = soup_session_get_async_result_message(SOUP_SESSION(source), result);
            state->answered(answer ? soup_message_get_status(sent) : 0,
                            answer ? "" : fail_from(error, "no answer").value().message);
        },
        std::make_unique<std::weak_ptr<State>>(weak_from_this()).release());
}

void Webhook::State::answered(unsigned status, const std::string& error) {
    sending = false;
    const std::string why = status == 0 ? error : "status " + std::to_string(status);
    if (SOUP_STATUS_IS_SUCCESSFUL(status)) {
        backoff.healthy();
        if (std::exchange(failing, false)) {
            log(LogLevel::info, "the webhook takes messages again", {{"host", host}});
        }
        queue.pop_front();
        return send();
    }
    if (will_never_do(status) || g_get_monotonic_time() - queue.front().since_us > kGiveUpUs) {
        ++given_up;
        log(LogLevel::warning, "the webhook did not take a message, which is given up",
            {{"host", host}, {"why", why}});
        queue.pop_front();
    } else if (!std::exchange(failing, true)) {
        log(LogLevel::warning, "the webhook does not take messages; trying again",
            {{"host", host}, {"why", why}});
    }
    retry.arm(backoff.failed());
}

Webhook::Webhook(WebhookSettings settings) : state_(std::make_shared<State>(std::move(settings))) {}

Webhook::~Webhook() = default;

void Webhook::post(std::string json) {
    State& state = *state_;
    if (state.queue.size() >= kMaxWaiting) {
        // The first may be on its way just now.
        state.queue.erase(state.queue.begin() + (state.sending ? 1 : 0));
        ++state.given_up;
    }
    state.queue.push_back({take_string(g_uuid_string_random()), std::move(json), g_get_monotonic_time()});
    state.send();
}

std::uint64_t Webhook::given_up() const noexcept { return state_->given_up; }

} // namespace masthead::http
