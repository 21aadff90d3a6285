#include "plugins/elements/webrtc/peer_connection.hpp"

#include "plugins/elements/webrtc/certificate.hpp"
#include "plugins/glib/bin.hpp"
#include "plugins/glib/loop_hook.hpp"

namespace masthead {

namespace {

constexpr std::chrono::milliseconds kJoinTimeout{15'000};
constexpr std::chrono::milliseconds kLostTimeout{10'000};

using Hook = LoopHook<PeerConnection>;

template <typename T>
T property(gpointer object, const char* name) {
    T value{};
    g_object_get(object, name, &value, nullptr);
    return value;
}

Ref<GObject> object_property(gpointer object, const char* name) {
    return object ? Ref<GObject>::adopt(property<GObject*>(object, name)) : Ref<GObject>();
}

struct FreeDescription {
    void operator()(GstWebRTCSessionDescription* description) const noexcept {
        gst_webrtc_session_description_free(description);
    }
};
using Description = std::unique_ptr<GstWebRTCSessionDescription, FreeDescription>;

Description parse(GstWebRTCSDPType type, const std::string& sdp) {
    GstSDPMessage* message = nullptr;
    if (gst_sdp_message_new_from_text(sdp.c_str(), &message) != GST_SDP_OK) {
        return nullptr;
    }
    return Description(gst_webrtc_session_description_new(type, message));
}

std::string promise_error(GstPromise* promise) {
    const GstStructure* reply = gst_promise_get_reply(promise);
    if (!reply || !gst_structure_has_field_typed(reply, "error", G_TYPE_ERROR)) {
        return {};
    }
    GError* error = nullptr;
    gst_structure_get(reply, "error", G_TYPE_ERROR, &error, nullptr);
    const Owned<GError> owned(error);
    return owned ? owned->message : "unknown error";
}

/// By a copy: what is called may close the connection, which empties its events.
template <typename... Arguments>
void tell(std::function<void(Arguments...)> event, std::type_identity_t<Arguments>... arguments) {
    if (event) {
        event(arguments...);
    }
}

} // namespace

namespace {

Result<std::vector<std::string>> parse_addresses(const std::string& text) {
    std::vector<std::string> addresses;
    const Owned<gchar*> items(g_strsplit(text.c_str(), ",", -1));
    for (gchar** item = items.get(); *item; ++item) {
        const std::string address = g_strstrip(*item);
        if (address.empty()) {
            continue;
        }
        if (!g_hostname_is_ip_address(address.c_str())) {
            return fail(Code::invalid_argument, "ice-addresses: '" + address + "' is no IP address");
        }
        addresses.push_back(address);
    }
    return addresses;
}

} // namespace

Result<IceSettings> parse_ice_settings(const std::string& addresses, const std::string& ports) {
    auto parsed = parse_addresses(addresses);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    IceSettings ice{.addresses = *std::move(parsed)};
    if (!ports.empty()) {
        const auto range = parse_port_range(ports);
        if (!range) {
            return fail(range.error().code, "ice-ports: " + range.error().message);
        }
        ice.ports = *range;
    }
    return ice;
}

void wake_data_senders(GstElement* webrtc) {
    for (const auto& sender : made_by("sctpenc", webrtc)) {
        for (const auto& pad : sink_pads_of(sender.get())) {
            gst_pad_send_event(pad.get(), gst_event_new_flush_start());
        }
    }
}

PeerConnection::PeerConnection(LoopThread& loop, ConnectionSettings settings, ConnectionEvents events)
    : loop_(loop), settings_(std::move(settings)), events_(std::move(events)) {}

PeerConnection::~PeerConnection() { close(); }

Result<std::shared_ptr<PeerConnection>> PeerConnection::create(LoopThread& loop, ConnectionSettings settings,
                                                               ConnectionEvents events) {
    std::shared_ptr<PeerConnection> made(new PeerConnection(loop, std::move(settings), std::move(events)));
    if (auto built = made->build(); !built) {
        return tl::unexpected(built.error());
    }
    return made;
}

Result<void> PeerConnection::build() {
    webrtc_ = Ref<GstElement>::sink(gst_element_factory_make("webrtcbin", nullptr));
    if (!webrtc_) {
        return fail(Code::unavailable,
                    "the GStreamer element webrtcbin is missing (gstreamer1.0-plugins-bad)");
    }
    gst_util_set_object_arg(G_OBJECT(webrtc_.get()), "bundle-policy", "max-bundle");
    const auto ice = object_property(webrtc_.get(), "ice-agent");
    agent_ = object_property(ice.get(), "agent");
    if (!agent_) {
        return fail(Code::unavailable, "webrtcbin has no ICE agent (gstreamer1.0-nice)");
    }
    g_object_set(ice.get(), "ice-tcp", settings_.ice.tcp, nullptr);
    if (const auto& ports = settings_.ice.ports) {
        g_object_set(ice.get(), "min-rtp-port", guint{ports->first}, "max-rtp-port", guint{ports->last},
                     nullptr);
    }
    // UPnP would announce every viewer on the network. Checked keep-alives notice a peer that vanished.
    g_object_set(agent_.get(), "upnp", FALSE, "keepalive-conncheck", TRUE, nullptr);
    for (const std::string& address : settings_.ice.addresses) {
        gboolean added = FALSE;
        g_signal_emit_by_name(ice.get(), "add-local-ip-address", address.c_str(), &added);
        if (!added) {
            return fail(Code::invalid_argument, "ice-addresses: '" + address + "' cannot be used");
        }
    }
    return {};
}

Result<Ref<GObject>> PeerConnection::open_channel(const char* label) {
    const Owned<GstStructure> options(gst_structure_new("options", "ordered", G_TYPE_BOOLEAN, FALSE,
                                                        "max-retransmits", G_TYPE_INT, 0, nullptr));
    GObject* channel = nullptr;
    g_signal_emit_by_name(webrtc_.get(), "create-data-channel", label, options.get(), &channel);
    channel_ = Ref<GObject>::adopt(channel);
    if (!channel_) {
        return fail(Code::unavailable, "webrtcbin gives no data channel (gstreamer1.0-plugins-bad: sctp)");
    }
    return channel_;
}

void PeerConnection::connect(gpointer object, const char* signal, Step step) {
    struct StepHook : Hook {
        Step step;
    };
    auto* hook = new StepHook{{weak_from_this(), &loop_}, step};
    const auto call = +[](gpointer data) {
        const auto& self = *static_cast<StepHook*>(data);
        self.post([step = self.step](PeerConnection& connection) { (connection.*step)(); });
    };
    // Swapped: the hook comes first, whatever arguments the signal has.
    const gulong id = g_signal_connect_data(object, signal, G_CALLBACK(call), hook,
                                            destroy_closure_hook<StepHook>, G_CONNECT_SWAPPED);
    handlers_.emplace_back(Ref<GObject>::share(G_OBJECT(object)), id);
}

void PeerConnection::start() {
    connect(webrtc_.get(), "notify::connection-state", &PeerConnection::check_states);
    connect(webrtc_.get(), "notify::ice-connection-state", &PeerConnection::check_states);
    if (events_.gathered) {
        connect(agent_.get(), "candidate-gathering-done", &PeerConnection::finish_gathering);
    }
    if (events_.channel_opened) {
        connect(webrtc_.get(), "on-data-channel", &PeerConnection::tell_of_channel);
    }
    if (channel_) {
        connect(channel_.get(), "notify::ready-state", &PeerConnection::check_states);
    }
    watch_candidates();
    join_timer_.arm(kJoinTimeout);
}

void PeerConnection::tell_of_channel() { tell(events_.channel_opened); }

void PeerConnection::watch_candidates() {
    const auto on_candidate = +[](GstElement*, guint mline, gchar* text, gpointer data) {
        if (*text == '\0') {
            return; // since 1.24 after the last one
        }
        static_cast<Hook*>(data)->post([mline, candidate = std::string(text)](PeerConnection& connection) {
            connection.is_reachable_ = true;
            tell(connection.events_.candidate, mline, candidate);
        });
    };
    const gulong id = g_signal_connect_data(webrtc_.get(), "on-ice-candidate", G_CALLBACK(on_candidate),
                                            new Hook{weak_from_this(), &loop_}, destroy_closure_hook<Hook>,
                                            static_cast<GConnectFlags>(0));
    handlers_.emplace_back(Ref<GObject>::share(G_OBJECT(webrtc_.get())), id);
}

void PeerConnection::give_up_joining() {
    const auto self = shared_from_this(); // the end may be the last that others knew of it
    if (!live_) {
        const char* why =
            is_reachable_ ? " cannot reach the addresses in ice-addresses, or did not answer"
                          : " was told no address: all of ice-ports are in use, or ice-addresses is wrong";
        end(true, "no connection within 15 s: " + settings_.peer + why);
    }
}

void PeerConnection::give_up_lost() {
    const auto self = shared_from_this();
    end(true, "the connection was lost for 10 s");
}

Ref<GstPromise> PeerConnection::promise(Use use) {
    struct PromiseHook : Hook {
        Use use;
    };
    const auto on_reply = +[](GstPromise* promise, gpointer data) {
        const auto& self = *static_cast<PromiseHook*>(data);
        self.post([use = self.use, promise = Ref<GstPromise>::share(promise)](PeerConnection& connection) {
            if (!connection.closed_) {
                use(connection, promise.get());
            }
        });
    };
    return Ref<GstPromise>::adopt(gst_promise_new_with_change_func(
        on_reply, new PromiseHook{{weak_from_this(), &loop_}, std::move(use)}, destroy_hook<PromiseHook>));
}

void PeerConnection::make_description(const char* signal, const char* field, UseText use) {
    const auto take = [field, use = std::move(use)](PeerConnection& connection, GstPromise* promise) {
        const GstStructure* reply = gst_promise_get_reply(promise);
        GstWebRTCSessionDescription* raw = nullptr;
        if (!reply || !gst_structure_get(reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &raw, nullptr)) {
            connection.end(true, "webrtcbin makes no " + std::string(field) + ": " + promise_error(promise));
            return;
        }
        const Description description(raw);
        use(take_string(gst_sdp_message_as_text(description->sdp)));
    };
    g_signal_emit_by_name(webrtc_.get(), signal, nullptr, promise(take).get());
}

void PeerConnection::make_offer(UseText use) { make_description("create-offer", "offer", std::move(use)); }

void PeerConnection::make_answer(UseText use) { make_description("create-answer", "answer", std::move(use)); }

/// webrtcbin names its candidates from its own thread, which may be after the agent has gathered them, and
/// its ice-gathering-state can say complete before (1.22 leaves out what has no mid yet). What is asked of
/// that thread now is answered after all of them.
void PeerConnection::finish_gathering() {
    if (!closed_) {
        ask_stats([this](const GstStructure*) { tell(events_.gathered); });
    }
}

void PeerConnection::ask_stats(std::function<void(const GstStructure*)> use) {
    const auto take = [use = std::move(use)](PeerConnection&, GstPromise* promise) {
        if (const GstStructure* stats = gst_promise_get_reply(promise)) {
            use(stats);
        }
    };
    g_signal_emit_by_name(webrtc_.get(), "get-stats", nullptr, promise(take).get());
}

void PeerConnection::set_local(GstWebRTCSDPType type, const std::string& sdp) {
    if (closed_) {
        return;
    }
    const Description description = parse(type, sdp);
    const auto ignored = Ref<GstPromise>::adopt(gst_promise_new());
    g_signal_emit_by_name(webrtc_.get(), "set-local-description", description.get(), ignored.get());
}

void PeerConnection::set_remote(GstWebRTCSDPType type, const std::string& sdp,
                                std::string fingerprint_sha256) {
    if (closed_) {
        return;
    }
    fingerprint_ = std::move(fingerprint_sha256);
    const std::string what = type == GST_WEBRTC_SDP_TYPE_OFFER ? "the offer" : "the answer";
    const Description description = parse(type, sdp);
    if (!description) {
        end(true, what + " cannot be read");
        return;
    }
    const auto check = [what](PeerConnection& connection, GstPromise* promise) {
        if (const std::string error = promise_error(promise); !error.empty()) {
            connection.end(true, what + " does not fit: " + error);
        }
    };
    g_signal_emit_by_name(webrtc_.get(), "set-remote-description", description.get(), promise(check).get());
}

void PeerConnection::add_candidate(const std::string& candidate) {
    if (!closed_) {
        // Bundled: all candidates belong to the first section's transport.
        g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", 0U, candidate.c_str());
    }
}

void PeerConnection::check_states() {
    if (closed_) {
        return;
    }
    const auto ice = property<GstWebRTCICEConnectionState>(webrtc_.get(), "ice-connection-state");
    const auto whole = property<GstWebRTCPeerConnectionState>(webrtc_.get(), "connection-state");
    const auto channel = channel_ ? property<GstWebRTCDataChannelState>(channel_.get(), "ready-state")
                                  : GST_WEBRTC_DATA_CHANNEL_STATE_OPEN;
    if (ice == GST_WEBRTC_ICE_CONNECTION_STATE_FAILED || whole == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED) {
        end(true, live_ ? "the connection was lost"
                        : "no network path between " + settings_.peer + " and this machine works");
        return;
    }
    if (live_ && channel == GST_WEBRTC_DATA_CHANNEL_STATE_CLOSED) {
        end(false, settings_.peer + " left");
        return;
    }
    if (ice != GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED) {
        lost_timer_.cancel();
    } else if (!lost_timer_.armed()) {
        lost_timer_.arm(kLostTimeout);
    }
    if (!live_ && whole == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED &&
        channel == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN) {
        go_live();
    }
}

/// Bundled: the first transceiver's transport is everyone's.
bool PeerConnection::certificate_is_the_named() const {
    GObject* raw = nullptr;
    g_signal_emit_by_name(webrtc_.get(), "get-transceiver", 0, &raw);
    const auto transceiver = Ref<GObject>::adopt(raw);
    const auto sender = object_property(transceiver.get(), "sender");
    const auto transport = object_property(sender.get(), "transport");
    return transport && !fingerprint_.empty() &&
           sha256_of_pem(take_string(property<gchar*>(transport.get(), "remote-certificate"))) ==
               fingerprint_;
}

void PeerConnection::go_live() {
    // webrtcbin 1.22 takes any certificate: without this check whoever sits between could watch.
    if (!certificate_is_the_named()) {
        end(true, "the peer's certificate is not the one in its answer");
        return;
    }
    live_ = true;
    join_timer_.cancel();
    tell(events_.connected);
}

void PeerConnection::end(bool failed, const std::string& why) {
    if (!closed_) {
        const auto ended = events_.ended;
        close();
        tell(ended, failed, why);
    }
}

void PeerConnection::end_for_error(const std::string& why) {
    end(!live_, live_ ? settings_.peer + " left" : why);
}

void PeerConnection::close() {
    if (std::exchange(closed_, true)) {
        return;
    }
    join_timer_.cancel();
    lost_timer_.cancel();
    for (const auto& [object, id] : handlers_) {
        g_signal_handler_disconnect(object.get(), id);
    }
    handlers_.clear();
    if (channel_) {
        gst_webrtc_data_channel_close(GST_WEBRTC_DATA_CHANNEL(channel_.get()));
    }
    if (webrtc_) {
        wake_data_senders(webrtc_.get());
    }
    events_ = {};
}

} // namespace masthead
