#include "plugins/elements/viewer/peer.hpp"

#include "plugins/elements/viewer/certificate.hpp"

#include <gst/video/video.h>

namespace masthead {

namespace {

constexpr std::chrono::milliseconds kJoinTimeout{15'000};
constexpr std::chrono::milliseconds kLostTimeout{10'000};
constexpr guint64 kMaxQueuedBytes = 4 << 20;
constexpr GstClockTime kMaxQueuedTime = GST_SECOND;
constexpr guint64 kMaxQueuedMessageBytes = 256 << 10;

/// What a signal's closure holds: the peer may be gone when another thread's signal arrives.
struct Hook {
    std::weak_ptr<Peer> peer;
    LoopThread* loop;

    template <typename Function>
    void post(Function function) const {
        loop->post([peer = peer, function = std::move(function)] {
            if (const auto alive = peer.lock()) {
                function(*alive);
            }
        });
    }
};

template <typename T>
void destroy(gpointer data) {
    delete static_cast<T*>(data);
}

template <typename T>
T property(gpointer object, const char* name) {
    T value{};
    g_object_get(object, name, &value, nullptr);
    return value;
}

template <typename T>
Ref<T> object_property(gpointer object, const char* name) {
    return object ? Ref<T>::adopt(property<T*>(object, name)) : Ref<T>();
}

Ref<GstCaps> stream_caps(std::uint32_t ssrc, std::uint8_t payload_type) {
    // Browsers refuse an offer of High or Main by name, yet their decoders take them: the constrained
    // baseline is what is named, whatever the stream is. That also lets the stream change without a new
    // offer.
    return Ref<GstCaps>::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING, "H264",
        "payload", G_TYPE_INT, static_cast<int>(payload_type), "clock-rate", G_TYPE_INT, 90'000,
        "packetization-mode", G_TYPE_STRING, "1", "profile-level-id", G_TYPE_STRING, "42e01f",
        "level-asymmetry-allowed", G_TYPE_STRING, "1", "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, "ssrc",
        G_TYPE_UINT, ssrc, nullptr));
}

struct FreeDescription {
    void operator()(GstWebRTCSessionDescription* description) const noexcept {
        gst_webrtc_session_description_free(description);
    }
};
using Description = std::unique_ptr<GstWebRTCSessionDescription, FreeDescription>;

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

} // namespace

Peer::Peer(LoopThread& loop, PeerSettings settings, PeerEvents events)
    : loop_(loop), settings_(std::move(settings)), events_(std::move(events)) {
    if (settings_.offer) {
        payload_type_ = static_cast<std::uint8_t>(
            sdp::number(settings_.offer->payload_type, 0, 127).value_or(kPayloadType));
    }
}

Peer::~Peer() { close(); }

Result<std::shared_ptr<Peer>> Peer::create(LoopThread& loop, PeerSettings settings, PeerEvents events) {
    std::shared_ptr<Peer> peer(new Peer(loop, std::move(settings), std::move(events)));
    if (auto built = peer->build(); !built) {
        return tl::unexpected(built.error());
    }
    return peer;
}

Result<void> Peer::build() {
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    source_ = Ref<GstElement>::sink(gst_element_factory_make("appsrc", nullptr));
    webrtc_ = Ref<GstElement>::sink(gst_element_factory_make("webrtcbin", nullptr));
    if (!source_ || !webrtc_) {
        return fail(Code::unavailable,
                    "the GStreamer element webrtcbin is missing (gstreamer1.0-plugins-bad)");
    }
    const auto caps = stream_caps(settings_.ssrc, payload_type_);
    // The queue's bounds are kept in deliver(), frame by frame.
    g_object_set(source_.get(), "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", guint64{0}, "caps",
                 caps.get(), nullptr);
    gst_util_set_object_arg(G_OBJECT(webrtc_.get()), "bundle-policy", "max-bundle");
    gst_bin_add_many(GST_BIN(pipeline_.get()), source_.get(), webrtc_.get(), nullptr);
    if (auto transport = prepare_transport(); !transport) {
        return transport;
    }
    gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), settings_.clock.get());
    gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_.get(), settings_.base_time);

    // webrtcbin 1.22 freezes or refuses in any other order: READY, data channel, media, playing, offer.
    gst_element_set_state(pipeline_.get(), GST_STATE_READY);
    const bool with_channel = !settings_.offer || settings_.offer->data_line;
    if (with_channel) {
        const Owned<GstStructure> options(gst_structure_new("options", "ordered", G_TYPE_BOOLEAN, FALSE,
                                                            "max-retransmits", G_TYPE_INT, 0, nullptr));
        GObject* channel = nullptr;
        g_signal_emit_by_name(webrtc_.get(), "create-data-channel", "frames", options.get(), &channel);
        channel_ = Ref<GObject>::adopt(channel);
    }
    feed_pad_ = Ref<GstPad>::adopt(gst_element_request_pad_simple(webrtc_.get(), "sink_%u"));
    if ((with_channel && !channel_) || !feed_pad_) {
        return fail(Code::unavailable, "webrtcbin gives no data channel or no video pad");
    }
    transceiver_ = object_property<GObject>(feed_pad_.get(), "transceiver");
    g_object_set(transceiver_.get(), "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY,
                 "codec-preferences", caps.get(), "do-nack", !settings_.offer || settings_.offer->rtx_type,
                 nullptr);
    watch();
    const auto source_pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source_.get(), "src"));
    if (gst_pad_link(source_pad.get(), feed_pad_.get()) != GST_PAD_LINK_OK ||
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        return fail(Code::internal, "webrtcbin does not start");
    }
    make_offer();
    return {};
}

Result<void> Peer::prepare_transport() {
    const auto ice = object_property<GObject>(webrtc_.get(), "ice-agent");
    agent_ = object_property<GObject>(ice.get(), "agent");
    if (!agent_) {
        return fail(Code::unavailable, "webrtcbin has no ICE agent (gstreamer1.0-nice)");
    }
    g_object_set(ice.get(), "ice-tcp", FALSE, nullptr);
    // UPnP would announce every viewer on the network. Checked keep-alives notice a peer that vanished.
    g_object_set(agent_.get(), "upnp", FALSE, "keepalive-conncheck", TRUE, nullptr);
    for (const std::string& address : settings_.addresses) {
        gboolean added = FALSE;
        g_signal_emit_by_name(ice.get(), "add-local-ip-address", address.c_str(), &added);
        if (!added) {
            return fail(Code::invalid_argument, "ice-addresses: '" + address + "' cannot be used");
        }
    }
    return {};
}

void Peer::connect(gpointer object, const char* signal, Step step) {
    struct StepHook : Hook {
        Step step;
    };
    auto* hook = new StepHook{{weak_from_this(), &loop_}, step};
    const auto call = +[](gpointer data) {
        const auto& self = *static_cast<StepHook*>(data);
        self.post([step = self.step](Peer& peer) { (peer.*step)(); });
    };
    // Swapped: the hook comes first, whatever arguments the signal has.
    const gulong id = g_signal_connect_data(
        object, signal, G_CALLBACK(call), hook, [](gpointer data, GClosure*) { destroy<StepHook>(data); },
        G_CONNECT_SWAPPED);
    handlers_.emplace_back(Ref<GObject>::share(G_OBJECT(object)), id);
}

void Peer::watch() {
    connect(webrtc_.get(), "notify::connection-state", &Peer::check_states);
    connect(webrtc_.get(), "notify::ice-connection-state", &Peer::check_states);
    if (settings_.offer) {
        connect(agent_.get(), "candidate-gathering-done", &Peer::finish_gathering);
    }
    if (channel_) {
        connect(channel_.get(), "notify::ready-state", &Peer::check_states);
    }

    const auto on_candidate = +[](GstElement*, guint mline, gchar* text, gpointer data) {
        static_cast<Hook*>(data)->post(
            [mline, candidate = std::string(text)](Peer& peer) { peer.take_candidate(mline, candidate); });
    };
    const gulong id = g_signal_connect_data(
        webrtc_.get(), "on-ice-candidate", G_CALLBACK(on_candidate), new Hook{weak_from_this(), &loop_},
        [](gpointer data, GClosure*) { destroy<Hook>(data); }, static_cast<GConnectFlags>(0));
    handlers_.emplace_back(Ref<GObject>::share(G_OBJECT(webrtc_.get())), id);

    const auto on_message = +[](GstBus*, GstMessage* message, gpointer data) {
        const auto dropped = Ref<GstMessage>::adopt(message); // GST_BUS_DROP leaves it to the handler
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
            GError* error = nullptr;
            gst_message_parse_error(message, &error, nullptr);
            static_cast<Hook*>(data)->post([text = std::string(Owned<GError>(error)->message)](Peer& peer) {
                peer.end(!peer.live_, peer.live_ ? "the viewer left" : text);
            });
        }
        return GST_BUS_DROP;
    };
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(bus.get(), on_message, new Hook{weak_from_this(), &loop_}, destroy<Hook>);

    const auto on_upstream = +[](GstPad*, GstPadProbeInfo* info, gpointer data) {
        if (gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) {
            static_cast<Hook*>(data)->post([](Peer& peer) {
                if (peer.live_ && !peer.closed_) {
                    peer.events_.key_frame_wanted();
                }
            });
        }
        return GST_PAD_PROBE_OK;
    };
    const auto source_pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source_.get(), "src"));
    gst_pad_add_probe(source_pad.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream,
                      new Hook{weak_from_this(), &loop_}, destroy<Hook>);

    join_timer_.arm(kJoinTimeout);
}

void Peer::give_up_joining() {
    const auto self = shared_from_this(); // the end may be the last that others knew of it
    if (!live_) {
        end(true, "no connection within 15 s: the browser cannot reach the addresses in ice-addresses, "
                  "or did not answer");
    }
}

void Peer::give_up_lost() {
    const auto self = shared_from_this();
    end(true, "the connection was lost for 10 s");
}

Ref<GstPromise> Peer::promise(Use use) {
    struct PromiseHook : Hook {
        Use use;
    };
    const auto on_reply = +[](GstPromise* promise, gpointer data) {
        const auto& self = *static_cast<PromiseHook*>(data);
        self.post([use = self.use, promise = Ref<GstPromise>::share(promise)](Peer& peer) {
            if (!peer.closed_) {
                (peer.*use)(promise.get());
            }
        });
    };
    return Ref<GstPromise>::adopt(gst_promise_new_with_change_func(
        on_reply, new PromiseHook{{weak_from_this(), &loop_}, use}, destroy<PromiseHook>));
}

void Peer::make_offer() {
    g_signal_emit_by_name(webrtc_.get(), "create-offer", nullptr, promise(&Peer::use_offer).get());
}

void Peer::use_offer(GstPromise* promise) {
    const GstStructure* reply = gst_promise_get_reply(promise);
    GstWebRTCSessionDescription* raw = nullptr;
    if (!reply || !gst_structure_get(reply, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &raw, nullptr)) {
        end(true, "webrtcbin makes no offer: " + promise_error(promise));
        return;
    }
    const Description offer(raw);
    std::string text = take_string(gst_sdp_message_as_text(offer->sdp));
    if (settings_.offer) {
        answer_peer(std::move(text));
        return;
    }
    set_local(text);
    events_.offer(text);
}

/// The peer's offer is the answer to ours; ours, with all candidates, becomes the answer to the peer's.
void Peer::answer_peer(std::string ours) {
    own_offer_ = with_peers_numbers(ours, *settings_.offer);
    const auto answer = as_answer_to(own_offer_, *settings_.offer);
    if (!answer) {
        end(true, answer.error().message);
        return;
    }
    fingerprint_ = settings_.offer->media.transport.fingerprint;
    set_local(own_offer_);
    set_remote(*answer);
}

void Peer::take_candidate(unsigned mline, const std::string& candidate) {
    if (closed_) {
        return;
    }
    if (!settings_.offer) {
        events_.candidate(mline, candidate);
    } else if (mline == 0) {
        own_candidates_.push_back(candidate);
    }
}

/// webrtcbin names its candidates from its own thread, which may be after the agent has gathered them, and
/// its ice-gathering-state can say complete before (1.22 leaves out what has no mid yet). What is asked of
/// that thread now is answered after all of them.
void Peer::finish_gathering() {
    if (!closed_ && !own_offer_.empty()) {
        g_signal_emit_by_name(webrtc_.get(), "get-stats", nullptr, promise(&Peer::give_answer).get());
    }
}

void Peer::give_answer(GstPromise*) {
    const auto answer = answer_for_peer(std::exchange(own_offer_, {}), *settings_.offer, own_candidates_);
    if (!answer) {
        end(true, answer.error().message);
        return;
    }
    events_.answer(*answer);
}

void Peer::set_answer(const std::string& sdp, const std::string& fingerprint_sha256) {
    if (!closed_) {
        fingerprint_ = fingerprint_sha256;
        set_remote(sdp);
    }
}

void Peer::set_local(const std::string& sdp) {
    GstSDPMessage* message = nullptr;
    gst_sdp_message_new_from_text(sdp.c_str(), &message);
    const Description offer(gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, message));
    const auto ignored = Ref<GstPromise>::adopt(gst_promise_new());
    g_signal_emit_by_name(webrtc_.get(), "set-local-description", offer.get(), ignored.get());
}

void Peer::set_remote(const std::string& sdp) {
    GstSDPMessage* message = nullptr;
    if (gst_sdp_message_new_from_text(sdp.c_str(), &message) != GST_SDP_OK) {
        end(true, "the answer cannot be read");
        return;
    }
    const Description answer(gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message));
    g_signal_emit_by_name(webrtc_.get(), "set-remote-description", answer.get(),
                          promise(&Peer::check_remote).get());
}

void Peer::check_remote(GstPromise* promise) {
    if (const std::string error = promise_error(promise); !error.empty()) {
        end(true, "the answer does not fit: " + error);
    }
}

void Peer::add_candidate(const std::string& candidate) {
    if (!closed_) {
        // Bundled: all candidates belong to the first section's transport.
        g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", 0U, candidate.c_str());
    }
}

void Peer::check_states() {
    if (closed_) {
        return;
    }
    const auto ice = property<GstWebRTCICEConnectionState>(webrtc_.get(), "ice-connection-state");
    const auto whole = property<GstWebRTCPeerConnectionState>(webrtc_.get(), "connection-state");
    const auto channel = channel_ ? property<GstWebRTCDataChannelState>(channel_.get(), "ready-state")
                                  : GST_WEBRTC_DATA_CHANNEL_STATE_OPEN;
    if (ice == GST_WEBRTC_ICE_CONNECTION_STATE_FAILED || whole == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED) {
        end(true, live_ ? "the connection was lost" : "no network path between browser and server works");
        return;
    }
    if (live_ && channel == GST_WEBRTC_DATA_CHANNEL_STATE_CLOSED) {
        end(false, "the viewer left");
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

bool Peer::certificate_is_the_answers() const {
    const auto sender = object_property<GObject>(transceiver_.get(), "sender");
    const auto transport = object_property<GObject>(sender.get(), "transport");
    return transport && sha256_of_pem(take_string(property<gchar*>(transport.get(), "remote-certificate"))) ==
                            fingerprint_;
}

void Peer::go_live() {
    // webrtcbin 1.22 takes any certificate: without this check whoever sits between could watch.
    if (!certificate_is_the_answers()) {
        end(true, "the peer's certificate is not the one in its answer");
        return;
    }
    live_ = true;
    join_timer_.cancel();
    {
        const std::lock_guard lock(outlet_mutex_);
        outlet_open_ = true;
    }
    events_.connected();
}

void Peer::end(bool failed, const std::string& why) {
    if (!closed_) {
        const auto ended = events_.ended;
        close();
        ended(failed, why);
    }
}

void Peer::close() {
    if (std::exchange(closed_, true)) {
        return;
    }
    join_timer_.cancel();
    lost_timer_.cancel();
    {
        const std::lock_guard lock(outlet_mutex_);
        outlet_open_ = false;
    }
    for (const auto& [object, id] : handlers_) {
        g_signal_handler_disconnect(object.get(), id);
    }
    handlers_.clear();
    if (channel_) {
        gst_webrtc_data_channel_close(GST_WEBRTC_DATA_CHANNEL(channel_.get()));
    }
    if (pipeline_) {
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
        const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
        gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
    }
    events_ = {};
}

std::optional<Playhead::Instant> Peer::deliver(const KeptFrames& kept, Playhead::Instant now) {
    const std::lock_guard lock(outlet_mutex_);
    if (!outlet_open_) {
        return std::nullopt;
    }
    auto* source = GST_APP_SRC(source_.get());
    for (;;) {
        const bool has_room = gst_app_src_get_current_level_bytes(source) < kMaxQueuedBytes &&
                              gst_app_src_get_current_level_time(source) < kMaxQueuedTime;
        const auto step = playhead_.next(kept, now, has_room);
        if (!step) {
            break;
        }
        send(*step);
    }
    dropped_frames_ = playhead_.dropped();
    if (!playhead_.wants_key_frame()) {
        key_frame_wanted_ = false;
    } else if (!std::exchange(key_frame_wanted_, true)) {
        want_key_frame();
    }
    return playhead_.due();
}

/// From the fan-out thread.
void Peer::want_key_frame() {
    Hook{weak_from_this(), &loop_}.post([](Peer& peer) {
        if (!peer.closed_) {
            peer.events_.key_frame_wanted();
        }
    });
}

void Peer::send(const Playhead::Step& step) {
    const PaidFrame& frame = *step.frame;
    const bool own = step.rtp_timestamp != frame.header.rtp_timestamp || payload_type_ != kPayloadType;
    auto* source = GST_APP_SRC(source_.get());
    // One by one: appsrc 1.22.0 crashes on buffer lists (it reads the list after giving it away).
    for (const auto& packet : frame.packets) {
        auto sent = own ? packet_for(packet, step.rtp_timestamp, payload_type_) : packet;
        gst_app_src_push_buffer(source, sent.release());
    }
    if (!channel_) {
        return;
    }
    const auto message = frame_message(frame, step.rtp_timestamp, seq_++);
    if (property<guint64>(channel_.get(), "buffered-amount") < kMaxQueuedMessageBytes) {
        gst_webrtc_data_channel_send_data_full(GST_WEBRTC_DATA_CHANNEL(channel_.get()), message.get(),
                                               nullptr);
    }
}

} // namespace masthead
