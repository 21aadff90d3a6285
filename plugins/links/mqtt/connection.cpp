// Paho's asynchronous client, its threads fenced off by a post box.
#include "plugins/links/mqtt/connection.hpp"

#include "plugins/links/mqtt/post_box.hpp"

#include <mqtt/async_client.h>

namespace masthead::mqtt_link {

namespace {

constexpr int kKeepAliveS = 10;
constexpr int kConnectTimeoutS = 10;
constexpr int kQos = 0;
constexpr std::size_t kMaxPosts = 1024;
constexpr auto kGoodbye = std::chrono::milliseconds(500);
constexpr const char* kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";

struct Post {
    enum class Kind : std::uint8_t { connected, granted, lost, message };
    Kind kind = Kind::message;
    std::string reason;
    IncomingMessage message;
};
using Posts = PostBox<Post>;

/// MQTT 3.1.1's CONNACK codes in words.
std::string reason_of(const mqtt::token& token) {
    switch (token.get_return_code()) {
    case 4: return "the broker refuses the user name or the password";
    case 5: return "the broker refuses this user (not authorized)";
    default: return "the broker cannot be reached: " + mqtt::exception::error_str(token.get_return_code());
    }
}

/// What became of a connect or a subscription, from Paho's threads.
class Outcome : public virtual mqtt::iaction_listener {
  public:
    Outcome(std::shared_ptr<Posts> posts, Post::Kind success) : posts_(std::move(posts)), success_(success) {}
    void on_success(const mqtt::token&) override { posts_->put({.kind = success_}); }
    void on_failure(const mqtt::token& token) override {
        const bool refused = success_ == Post::Kind::granted && token.get_return_code() == MQTT_BAD_SUBSCRIBE;
        posts_->put({.kind = Post::Kind::lost,
                     .reason = refused ? "the broker refuses the subscription; check its access list"
                                       : reason_of(token)});
    }

  private:
    std::shared_ptr<Posts> posts_;
    Post::Kind success_;
};

std::string broker_uri(const ConnectionSettings& settings) {
    const bool ipv6 = settings.host.find(':') != std::string::npos;
    return std::string(settings.tls ? "ssl://" : "tcp://") +
           (ipv6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port);
}

/// Not the user's name: a second session with the same identifier throws the first one out.
std::string new_client_id() {
    return take_string(g_strdup_printf("mh%08x%08x", g_random_int(), g_random_int()));
}

mqtt::connect_options options_of(const ConnectionSettings& settings) {
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_3_1_1);
    options.set_clean_session(true);
    options.set_keep_alive_interval(kKeepAliveS);
    options.set_connect_timeout(kConnectTimeoutS);
    if (!settings.user.empty()) {
        options.set_user_name(settings.user);
        options.set_password(settings.password);
    }
    if (settings.tls) {
        mqtt::ssl_options ssl;
        ssl.set_trust_store(settings.ca_file.empty() ? kSystemCertificates : settings.ca_file);
        ssl.set_enable_server_cert_auth(true);
        ssl.set_verify(true);
        options.set_ssl(ssl);
    }
    return options;
}

} // namespace

struct Connection::Client {
    std::shared_ptr<Posts> posts;
    Outcome connected{posts, Post::Kind::connected};
    Outcome granted{posts, Post::Kind::granted};
    mqtt::async_client paho;

    Client(std::shared_ptr<Posts> box, const ConnectionSettings& settings)
        : posts(std::move(box)), paho(broker_uri(settings), new_client_id()) {
        paho.set_connection_lost_handler([box = posts](const std::string& cause) {
            box->put({.kind = Post::Kind::lost, .reason = cause.empty() ? "the connection broke" : cause});
        });
        paho.set_message_callback([box = posts](const mqtt::const_message_ptr& message) {
            box->put({.message = {.topic = message->get_topic(),
                                  .payload = message->to_string(),
                                  .retained = message->is_retained(),
                                  .arrival = utc_now()}});
        });
    }
    ~Client() {
        posts->close();
        try {
            // Once the farewell is through, no thread of Paho's is inside a callback of ours.
            if (paho.is_connected()) {
                paho.disconnect(kGoodbye)->wait_for(kGoodbye);
            }
        } catch (const std::exception&) {
            // A connection that is gone already needs no farewell.
        }
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
};

Connection::Connection(ConnectionSettings settings, ConnectionEvents events, GMainContext* context)
    : settings_(std::move(settings)), events_(std::move(events)), retry_(context, [this] { connect(); }),
      client_(std::make_unique<Client>(std::make_shared<Posts>(context, kMaxPosts, [this] { drain(); }),
                                       settings_)) {}

Connection::~Connection() = default;

void Connection::connect() {
    try {
        if (client_->paho.is_connected()) {
            subscribe(); // it was the subscription that failed
        } else {
            client_->paho.connect(options_of(settings_), nullptr, client_->connected);
        }
    } catch (const std::exception& error) {
        on_lost(error.what());
    }
}

void Connection::subscribe() {
    granted_ = 0;
    try {
        for (const std::string& topic : settings_.topics) {
            client_->paho.subscribe(topic, kQos, nullptr, client_->granted);
        }
    } catch (const std::exception& error) {
        on_lost(error.what());
    }
}

void Connection::on_lost(const std::string& reason) {
    if (retry_.armed()) {
        return; // a lost connection fails its open subscriptions as well
    }
    retry_.arm(backoff_.failed());
    events_.lost(reason);
}

void Connection::drain() {
    for (const Post& post : client_->posts->take()) {
        switch (post.kind) {
        case Post::Kind::connected: subscribe(); break;
        case Post::Kind::granted:
            if (++granted_ == settings_.topics.size()) {
                backoff_.healthy();
                events_.subscribed();
            }
            break;
        case Post::Kind::lost: on_lost(post.reason); break;
        case Post::Kind::message: events_.message(post.message); break;
        }
    }
}

bool Connection::connected() const { return client_->paho.is_connected(); }

Result<void> Connection::publish(const std::string& topic, const std::string& payload) {
    try {
        if (connected()) {
            client_->paho.publish(topic, payload.data(), payload.size(), kQos, false);
            return {};
        }
    } catch (const std::exception& error) {
        return fail(Code::unavailable, "publishing to '" + topic + "': " + error.what());
    }
    return fail(Code::unavailable,
                "not connected to the MQTT broker " + settings_.host + ":" + std::to_string(settings_.port));
}

std::uint64_t Connection::dropped() const { return client_->posts->dropped(); }

} // namespace masthead::mqtt_link
