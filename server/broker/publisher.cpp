// Paho's asynchronous client behind Publisher.
#include "server/broker/publisher.hpp"

#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/main_loop.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/glib/timer.hpp"

#include <MQTTAsync.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

namespace masthead::broker {
namespace {

constexpr std::int64_t kLeastIntervalUs = 200'000;
constexpr const char* kServerTopic = "masthead/server/state";

std::string paho_uri(const std::string& uri) {
    const bool tls = uri.starts_with("mqtts://");
    return (tls ? "ssl://" : "tcp://") + uri.substr(uri.find("://") + 3);
}

std::string read_password(const std::filesystem::path& file) {
    std::string line;
    std::ifstream in(file);
    std::getline(in, line);
    return line;
}

std::string topic_of(const std::string& vehicle, const char* what) {
    return "masthead/vehicles/" + vehicle + "/" + what;
}

} // namespace

/// What OpenSSL says of a connection, on a thread of Paho's.
class TlsReport {
  public:
    void add(std::string_view line) {
        const std::lock_guard lock(mutex_);
        text_ += line;
    }
    std::string take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(text_, {});
    }

  private:
    std::mutex mutex_;
    std::string text_;
};

/// Paho's threads and the main loop's meet here.
struct Publisher::State : std::enable_shared_from_this<Publisher::State> {
    PublisherSettings settings;
    std::string password;
    MQTTAsync client = nullptr;
    Timer retry{nullptr, [this] { connect(); }}; // main loop
    Backoff backoff{.first = std::chrono::milliseconds(1000)};
    bool said_down = false;
    bool ended = false; // main loop

    std::map<std::string, std::string> retained; // topic -> the newest text; "" clears it. Main loop
    std::map<std::string, std::int64_t> sent_us; // topic -> monotonic. Main loop
    bool connected = false;                      // main loop
    TlsReport tls_report;

    void connect();
    void connection_changed(bool up, const std::string& detail);
    std::string why_failed(const MQTTAsync_failureData* failure);
    void put(const std::string& topic, std::string text, std::int64_t interval_us);
    void clear(const std::string& topic);
    void send(const std::string& topic, const std::string& text);

    /// From one of Paho's threads to the main loop; does nothing when the publisher has gone by then.
    static void post(void* context, bool up, std::string detail);
};

void Publisher::State::post(void* context, bool up, std::string detail) {
    on_main_loop([weak = static_cast<State*>(context)->weak_from_this(), up, detail = std::move(detail)] {
        if (const auto state = weak.lock(); state && !state->ended) {
            state->connection_changed(up, detail);
        }
    });
}

void Publisher::State::connect() {
    password = read_password(settings.password_file); // it may have been changed since the last try
    tls_report.take();
    if (!settings.ca_file.empty() && !std::ifstream(settings.ca_file)) {
        connection_changed(false, "the CA file " + settings.ca_file.string() + " cannot be read");
        return;
    }
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    will.topicName = kServerTopic;
    will.message = "offline";
    will.retained = 1;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.verify = 1;
    tls.trustStore = settings.ca_file.empty() ? nullptr : settings.ca_file.c_str();
    tls.ssl_error_context = this;
    tls.ssl_error_cb = [](const char* text, size_t size, void* context) {
        static_cast<State*>(context)->tls_report.add({text, size});
        return 1;
    };
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.keepAliveInterval = 20;
    options.cleansession = 1;
    options.connectTimeout = 5;
    options.maxInflight = 1000;
    options.will = &will;
    options.username = settings.user.empty() ? nullptr : settings.user.c_str();
    options.password = settings.user.empty() ? nullptr : password.c_str();
    options.ssl = settings.uri.starts_with("mqtts://") ? &tls : nullptr;
    options.context = this;
    options.onSuccess = [](void* context, MQTTAsync_successData*) { post(context, true, ""); };
    options.onFailure = [](void* context, MQTTAsync_failureData* failure) {
        post(context, false, static_cast<State*>(context)->why_failed(failure));
    };
    if (const int code = MQTTAsync_connect(client, &options); code != MQTTASYNC_SUCCESS) {
        connection_changed(false, MQTTAsync_strerror(code));
    }
}

/// On a thread of Paho's.
std::string Publisher::State::why_failed(const MQTTAsync_failureData* failure) {
    if (failure && (failure->code == 4 || failure->code == 5)) { // CONNACK return codes
        return "the broker refuses our name or password";
    }
    if (!settings.uri.starts_with("mqtts://")) {
        return failure && failure->message ? failure->message : "no connection";
    }
    const std::string report = tls_report.take();
    if (report.find("certificate verify failed") != std::string::npos) {
        return "the broker's certificate is not signed by an authority in " +
               (settings.ca_file.empty() ? "the system's list (ca_file names others)"
                                         : settings.ca_file.string()) +
               ", or is not valid now";
    }
    // Paho compares the names after the handshake and does not tell what it found.
    return report.empty() ? "no connection, or the broker's certificate is for another host"
                          : "TLS: " + report;
}

void Publisher::State::connection_changed(bool up, const std::string& detail) {
    connected = up;
    if (up) {
        log(LogLevel::info, "broker is up", {{"uri", settings.uri}});
        backoff.healthy();
        said_down = false;
        send(kServerTopic, "online");
        for (auto entry = retained.begin(); entry != retained.end();) {
            send(entry->first, entry->second);
            entry = entry->second.empty() ? retained.erase(entry) : std::next(entry);
        }
    } else {
        if (!std::exchange(said_down, true)) {
            log(LogLevel::warning, "broker is down; trying again",
                {{"uri", settings.uri}, {"detail", detail}});
        }
        if (!retry.armed()) {
            retry.arm(backoff.failed());
        }
    }
    if (settings.on_state) {
        settings.on_state(up, detail);
    }
}

void Publisher::State::send(const std::string& topic, const std::string& text) {
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = const_cast<char*>(text.data());
    message.payloadlen = static_cast<int>(text.size());
    message.retained = 1;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    // A refusal means that the connection is gone or full: the newest text is kept here and goes out later.
    MQTTAsync_sendMessage(client, topic.c_str(), &message, &options);
    sent_us[topic] = g_get_monotonic_time();
}

void Publisher::State::put(const std::string& topic, std::string text, std::int64_t interval_us) {
    std::string& kept = retained[topic];
    kept = std::move(text);
    const auto last = sent_us.find(topic);
    if (connected && (last == sent_us.end() || g_get_monotonic_time() - last->second >= interval_us)) {
        send(topic, kept);
    }
}

void Publisher::State::clear(const std::string& topic) {
    put(topic, "", 0);
    if (connected) {
        retained.erase(topic);
        sent_us.erase(topic);
    }
}

Publisher::Publisher(PublisherSettings settings) : state_(std::make_shared<State>()) {
    State& state = *state_;
    state.settings = std::move(settings);
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    options.sendWhileDisconnected = 0;
    options.maxBufferedMessages = 1000;
    const std::string name = "masthead-server-" + take_string(g_uuid_string_random()).substr(0, 8);
    MQTTAsync_createWithOptions(&state.client, paho_uri(state.settings.uri).c_str(), name.c_str(),
                                MQTTCLIENT_PERSISTENCE_NONE, nullptr, &options);
    MQTTAsync_setConnectionLostCallback(state.client, &state, [](void* context, char* cause) {
        State::post(context, false, cause ? cause : "the connection was lost");
    });
    state.connect();
}

Publisher::~Publisher() {
    State& state = *state_;
    state.ended = true;
    state.retry.cancel();
    if (state.connected) {
        // An orderly end sends no last will.
        MQTTAsync_message message = MQTTAsync_message_initializer;
        message.payload = const_cast<char*>("offline");
        message.payloadlen = 7;
        message.retained = 1;
        MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
        MQTTAsync_sendMessage(state.client, kServerTopic, &message, &options);
        MQTTAsync_waitForCompletion(state.client, options.token, 500);
        MQTTAsync_disconnectOptions disconnect = MQTTAsync_disconnectOptions_initializer;
        disconnect.timeout = 500;
        MQTTAsync_disconnect(state.client, &disconnect);
    }
    MQTTAsync_destroy(&state.client);
}

void Publisher::telemetry(const std::string& vehicle, const std::string& json) {
    state_->put(topic_of(vehicle, "telemetry"), json, kLeastIntervalUs);
}

void Publisher::state(const std::string& vehicle, const std::string& json) {
    state_->put(topic_of(vehicle, "state"), json, 0);
}

void Publisher::alert(const std::string& id, const std::string& json, bool open) {
    const std::string topic = "masthead/alerts/" + id;
    state_->put(topic, json, 0);
    if (!open) {
        state_->clear(topic);
    }
}

void Publisher::forget(const std::string& vehicle) {
    for (const char* what : {"telemetry", "state"}) {
        state_->clear(topic_of(vehicle, what));
    }
}

bool Publisher::up() const { return state_->connected; }

} // namespace masthead::broker
