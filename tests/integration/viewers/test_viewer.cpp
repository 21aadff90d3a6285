#include "tests/integration/viewers/test_viewer.hpp"

#include "plugins/elements/viewer/paid_frame.hpp"
#include "plugins/elements/webrtc/peer_connection.hpp"
#include "plugins/glib/bin.hpp"
#include "plugins/glib/buffer.hpp"

#include <gst/rtp/gstrtpbuffer.h>
#include <gst/video/video.h>

#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

namespace masthead::test {

namespace {

/// Nothing: the viewer is being taken down. Owned.
GstWebRTCSessionDescription* description_in(GstPromise* promise, const char* field) {
    const GstStructure* reply = gst_promise_get_reply(promise);
    GstWebRTCSessionDescription* description = nullptr;
    if (reply) {
        gst_structure_get(reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, nullptr);
    }
    return description;
}

TestViewer& viewer_of(gpointer data) { return *static_cast<TestViewer*>(data); }

} // namespace

template <typename Condition>
bool TestViewer::wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
}

TestViewer::TestViewer(GstElement* sink, std::string session, ViewerOptions options)
    : sink_(Ref<GstElement>::share(sink)), session_(std::move(session)), options_(std::move(options)) {
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    webrtc_ = Ref<GstElement>::sink(gst_element_factory_make("webrtcbin", nullptr));
    gst_util_set_object_arg(G_OBJECT(webrtc_.get()), "bundle-policy", "max-bundle");
    g_object_set(webrtc_.get(), "latency", options_.latency_ms, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_.get());
    GObject* ice = nullptr;
    g_object_get(webrtc_.get(), "ice-agent", &ice, nullptr);
    const auto owned = Ref<GObject>::adopt(ice);
    GObject* agent = nullptr;
    g_object_get(ice, "agent", &agent, nullptr);
    g_object_set(Ref<GObject>::adopt(agent).get(), "upnp", FALSE, nullptr);
    gboolean added = FALSE;
    g_object_set(ice, "ice-udp", !options_.tcp_only, nullptr);
    g_signal_emit_by_name(ice, "add-local-ip-address", "127.0.0.1", &added);
    watch_arrivals();
    watch_receiver();
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    watch_sink();
    if (options_.offers) {
        offer();
        return;
    }
    g_signal_emit_by_name(sink, "add-viewer", session_.c_str(), &added);
    added_ = added != FALSE;
}

TestViewer::~TestViewer() {
    g_signal_emit_by_name(sink_.get(), "remove-viewer", session_.c_str());
    bool added = false;
    {
        const std::lock_guard lock(mutex_);
        added = added_;
    }
    if (added) {
        // Nothing is emitted for a session after its last state.
        (void)wait([this] { return has_ended(); });
    }
    for (const gulong id : handlers_) {
        g_signal_handler_disconnect(sink_.get(), id);
    }
    wake_data_senders(webrtc_.get());
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

bool TestViewer::has_ended() const {
    return !states_.empty() && (states_.back() == "closed" || states_.back() == "failed");
}

void TestViewer::watch_sink() {
    const auto on_offer = +[](GstElement*, const gchar* session, const gchar* sdp, gpointer data) {
        if (viewer_of(data).session_ == session) {
            viewer_of(data).answer(sdp);
        }
    };
    const auto on_answer = +[](GstElement*, const gchar* session, const gchar* sdp, gpointer data) {
        if (viewer_of(data).session_ == session) {
            viewer_of(data).take_answer(sdp);
        }
    };
    const auto on_candidate =
        +[](GstElement*, const gchar* session, guint mline, const gchar* candidate, gpointer data) {
            if (viewer_of(data).session_ == session) {
                viewer_of(data).take_candidate(mline, candidate);
            }
        };
    const auto on_state =
        +[](GstElement*, const gchar* session, const gchar* state, const gchar* detail, gpointer data) {
            TestViewer& viewer = viewer_of(data);
            if (viewer.session_ == session) {
                const std::lock_guard lock(viewer.mutex_);
                viewer.states_.emplace_back(state);
                viewer.detail_ = detail;
                viewer.changed_at_ = std::chrono::steady_clock::now();
                viewer.changed_.notify_all();
            }
        };
    const auto on_figures =
        +[](GstElement*, const gchar* session, const GstStructure* figures, gpointer data) {
            TestViewer& viewer = viewer_of(data);
            if (viewer.session_ == session && gst_structure_has_field(figures, "round-trip-ms")) {
                const std::lock_guard lock(viewer.mutex_);
                viewer.figures_.reset(gst_structure_copy(figures));
                viewer.changed_.notify_all();
            }
        };
    handlers_ = {g_signal_connect(sink_.get(), "viewer-figures", G_CALLBACK(on_figures), this),
                 g_signal_connect(sink_.get(), "offer", G_CALLBACK(on_offer), this),
                 g_signal_connect(sink_.get(), "candidate", G_CALLBACK(on_candidate), this),
                 g_signal_connect(sink_.get(), "answer", G_CALLBACK(on_answer), this),
                 g_signal_connect(sink_.get(), "viewer-state", G_CALLBACK(on_state), this)};
}

void TestViewer::watch_receiver() {
    const auto on_candidate = +[](GstElement*, guint mline, const gchar* candidate, gpointer data) {
        if (viewer_of(data).options_.hides) {
            return;
        }
        gchar* refused = nullptr;
        g_signal_emit_by_name(viewer_of(data).sink_.get(), "add-candidate", viewer_of(data).session_.c_str(),
                              mline, candidate, &refused);
        (void)take_string(refused);
    };
    const auto on_pad = +[](GstElement*, GstPad* pad, gpointer data) { viewer_of(data).take_pad(pad); };
    const auto on_channel = +[](GstElement*, GObject* channel, gpointer data) {
        const auto on_message =
            +[](GObject*, GBytes* bytes, gpointer taker) { viewer_of(taker).take_message(bytes); };
        {
            const std::lock_guard lock(viewer_of(data).mutex_);
            viewer_of(data).channel_ = Ref<GObject>::share(channel);
        }
        g_signal_connect(channel, "on-message-data", G_CALLBACK(on_message), data);
    };
    const auto on_transceiver = +[](GstElement*, GObject* transceiver, gpointer) {
        g_object_set(transceiver, "do-nack", TRUE, nullptr); // as browsers do
    };
    g_signal_connect(webrtc_.get(), "on-new-transceiver", G_CALLBACK(on_transceiver), nullptr);
    g_signal_connect(webrtc_.get(), "on-ice-candidate", G_CALLBACK(on_candidate), this);
    g_signal_connect(webrtc_.get(), "pad-added", G_CALLBACK(on_pad), this);
    g_signal_connect(webrtc_.get(), "on-data-channel", G_CALLBACK(on_channel), this);
}

void TestViewer::take_pad(GstPad* pad) {
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    const GstStructure* rtp = gst_caps_get_structure(caps.get(), 0);
    const bool sound = std::string(gst_structure_get_string(rtp, "media")) == "audio";
    GstElement* const drain = gst_parse_bin_from_description(
        sound ? "rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
                "fakesink name=end sync=false async=false"
              : "fakesink name=end sync=false async=false",
        TRUE, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), drain);
    const auto end = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(drain), "end"));
    const auto end_pad = Ref<GstPad>::adopt(gst_element_get_static_pad(end.get(), "sink"));
    const auto take_packet = +[](GstPad*, GstPadProbeInfo* info, gpointer taker) {
        viewer_of(taker).take_packet(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
    };
    const auto take_sound = +[](GstPad*, GstPadProbeInfo* info, gpointer taker) {
        viewer_of(taker).take_sound(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
    };
    gst_pad_add_probe(end_pad.get(), GST_PAD_PROBE_TYPE_BUFFER, sound ? take_sound : take_packet, this,
                      nullptr);
    gst_element_sync_state_with_parent(drain);
    const auto entry = Ref<GstPad>::adopt(gst_element_get_static_pad(drain, "sink"));
    gst_pad_link(pad, entry.get());
    if (!sound) {
        const std::lock_guard lock(mutex_);
        video_pad_ = entry;
    }
}

void TestViewer::take_sound(GstBuffer* buffer) {
    const BufferMap map(buffer);
    const auto* samples = reinterpret_cast<const std::int16_t*>(map.bytes().data());
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < map.bytes().size() / sizeof *samples; ++i) {
        ++samples_;
        if (std::abs(samples[i]) > 500 && (samples[i] > 0) != positive_) {
            positive_ = !positive_;
            ++crossings_;
        }
    }
    changed_.notify_all();
}

void TestViewer::watch_arrivals() {
    const auto on_pad = +[](GstElement*, GstPad* pad, gpointer data) {
        const auto take = +[](GstPad*, GstPadProbeInfo* info, gpointer taker) {
            viewer_of(taker).take_arrival(GST_PAD_PROBE_INFO_BUFFER(info));
            return GST_PAD_PROBE_OK;
        };
        if (g_str_has_prefix(GST_PAD_NAME(pad), "recv_rtp_sink")) {
            gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, take, data, nullptr);
        }
    };
    for (const auto& rtpbin : made_by("rtpbin", webrtc_.get())) {
        g_signal_connect(rtpbin.get(), "pad-added", G_CALLBACK(on_pad), this);
    }
}

void TestViewer::answer(const gchar* offer) {
    {
        const std::lock_guard lock(mutex_);
        offer_ = offer;
        changed_.notify_all();
    }
    if (options_.silent) {
        return;
    }
    const std::string seen = options_.mistake_offer ? options_.mistake_offer(offer) : offer;
    GstSDPMessage* message = nullptr;
    gst_sdp_message_new_from_text(seen.c_str(), &message);
    GstWebRTCSessionDescription* description =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, message);
    g_signal_emit_by_name(webrtc_.get(), "set-remote-description", description, nullptr);
    gst_webrtc_session_description_free(description);
    const auto on_answer = +[](GstPromise* promise, gpointer data) { viewer_of(data).use_answer(promise); };
    g_signal_emit_by_name(webrtc_.get(), "create-answer", nullptr,
                          gst_promise_new_with_change_func(on_answer, this, nullptr));
}

void TestViewer::use_answer(GstPromise* promise) {
    const auto owned = Ref<GstPromise>::adopt(promise);
    GstWebRTCSessionDescription* description = description_in(promise, "answer");
    if (!description) {
        return;
    }
    g_signal_emit_by_name(webrtc_.get(), "set-local-description", description, nullptr);
    std::string text = take_string(gst_sdp_message_as_text(description->sdp));
    gst_webrtc_session_description_free(description);
    if (options_.change_answer) {
        text = options_.change_answer(text);
    }
    gchar* refused = nullptr;
    g_signal_emit_by_name(sink_.get(), "set-answer", session_.c_str(), text.c_str(), &refused);
    const std::lock_guard lock(mutex_);
    refusal_ = take_string(refused);
    answered_ = true;
    changed_.notify_all();
}

void TestViewer::offer() {
    const auto receive = [this](const char* caps_text, gboolean resent) {
        const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(caps_text));
        GstWebRTCRTPTransceiver* transceiver = nullptr;
        g_signal_emit_by_name(webrtc_.get(), "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                              caps.get(), &transceiver);
        g_object_set(Ref<GObject>::adopt(G_OBJECT(transceiver)).get(), "do-nack", resent, nullptr);
    };
    if (options_.with_sound) { // first, as browsers name it
        receive("application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111,"
                "encoding-params=(string)2",
                FALSE);
    }
    receive("application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=109,"
            "packetization-mode=(string)1,profile-level-id=(string)42e01f,rtcp-fb-nack-pli=true",
            TRUE);
    if (options_.with_channel) {
        GObject* channel = nullptr;
        g_signal_emit_by_name(webrtc_.get(), "create-data-channel", "player", nullptr, &channel);
        own_channel_ = Ref<GObject>::adopt(channel);
    }
    const auto on_offer = +[](GstPromise* promise, gpointer data) { viewer_of(data).use_offer(promise); };
    g_signal_emit_by_name(webrtc_.get(), "create-offer", nullptr,
                          gst_promise_new_with_change_func(on_offer, this, nullptr));
}

void TestViewer::use_offer(GstPromise* promise) {
    const auto owned = Ref<GstPromise>::adopt(promise);
    GstWebRTCSessionDescription* description = description_in(promise, "offer");
    if (!description) {
        return;
    }
    std::string text = take_string(gst_sdp_message_as_text(description->sdp));
    if (options_.change_offer) {
        text = options_.change_offer(text);
    }
    gchar* refused = nullptr;
    g_signal_emit_by_name(sink_.get(), "add-viewer-with-offer", session_.c_str(), text.c_str(), &refused);
    // Only now: candidates are for a session that exists.
    g_signal_emit_by_name(webrtc_.get(), "set-local-description", description, nullptr);
    gst_webrtc_session_description_free(description);
    const std::lock_guard lock(mutex_);
    refusal_ = take_string(refused);
    added_ = refusal_.empty();
    answered_ = true;
    changed_.notify_all();
}

void TestViewer::take_answer(const gchar* sdp) {
    GstSDPMessage* message = nullptr;
    gst_sdp_message_new_from_text(sdp, &message);
    GstWebRTCSessionDescription* description =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message);
    if (!options_.hides) {
        g_signal_emit_by_name(webrtc_.get(), "set-remote-description", description, nullptr);
    }
    gst_webrtc_session_description_free(description);
    const std::lock_guard lock(mutex_);
    answer_ = sdp;
    changed_.notify_all();
}

void TestViewer::take_candidate(guint mline, const gchar* candidate) {
    if (!options_.hides) {
        g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", mline, candidate);
    }
    const std::lock_guard lock(mutex_);
    candidate_ = candidate;
    changed_.notify_all();
}

void TestViewer::take_packet(GstBuffer* packet) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) {
        const std::lock_guard lock(mutex_);
        if (timestamps_.empty()) {
            first_frame_at_ = std::chrono::steady_clock::now();
        }
        timestamps_.insert(gst_rtp_buffer_get_timestamp(&rtp));
        sequence_numbers_.push_back(gst_rtp_buffer_get_seq(&rtp));
        gst_rtp_buffer_unmap(&rtp);
        changed_.notify_all();
    }
}

void TestViewer::take_arrival(GstBuffer* packet) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) {
        return;
    }
    const std::uint32_t ssrc = gst_rtp_buffer_get_ssrc(&rtp);
    const std::uint32_t timestamp = gst_rtp_buffer_get_timestamp(&rtp);
    std::uint16_t number = gst_rtp_buffer_get_seq(&rtp);
    const std::lock_guard lock(mutex_);
    if (gst_rtp_buffer_get_payload_type(&rtp) == kSoundPayloadType) {
        gst_rtp_buffer_unmap(&rtp);
        return;
    }
    ssrc_ = arrivals_.empty() ? ssrc : ssrc_;
    if (ssrc != ssrc_ && gst_rtp_buffer_get_payload_len(&rtp) >= 2) {
        number = GST_READ_UINT16_BE(gst_rtp_buffer_get_payload(&rtp)); // sent again (RFC 4588 4)
    }
    arrivals_.emplace(number, timestamp);
    gst_rtp_buffer_unmap(&rtp);
}

void TestViewer::take_message(GBytes* bytes) {
    gsize size = 0;
    const auto* data = static_cast<const std::byte*>(g_bytes_get_data(bytes, &size));
    if (const auto header = decode_header({data, size})) {
        const std::lock_guard lock(mutex_);
        messages_.emplace(header->rtp_timestamp, *header);
        changed_.notify_all();
    }
}

bool TestViewer::reaches(const std::string& state) {
    return wait([&] { return !states_.empty() && (states_.back() == state || has_ended()); }) &&
           states().back() == state;
}

bool TestViewer::ends() {
    return wait([&] { return has_ended(); });
}

bool TestViewer::gets_frames(std::size_t more) {
    const std::size_t wanted = frame_timestamps().size() + more;
    return wait([&] { return timestamps_.size() >= wanted; });
}

bool TestViewer::gets_messages(std::size_t more) {
    const std::size_t wanted = messages().size() + more;
    return wait([&] { return messages_.size() >= wanted; });
}

bool TestViewer::hears(std::chrono::milliseconds more) {
    const auto wanted = heard() + more;
    return wait([&] { return std::chrono::milliseconds(samples_ / 48) >= wanted; });
}

std::chrono::milliseconds TestViewer::heard() const {
    const std::lock_guard lock(mutex_);
    return std::chrono::milliseconds(samples_ / 48);
}

double TestViewer::heard_hz() const {
    const std::lock_guard lock(mutex_);
    return samples_ == 0 ? 0 : static_cast<double>(crossings_) * 24'000 / static_cast<double>(samples_);
}

std::string TestViewer::waits_for_offer() {
    (void)wait([&] { return !offer_.empty(); });
    const std::lock_guard lock(mutex_);
    return offer_;
}

std::string TestViewer::waits_for_candidate() {
    (void)wait([&] { return !candidate_.empty(); });
    const std::lock_guard lock(mutex_);
    return candidate_;
}

const GstStructure* TestViewer::waits_for_figures() {
    (void)wait([&] { return figures_ != nullptr; });
    const std::lock_guard lock(mutex_);
    given_figures_ = std::move(figures_);
    return given_figures_.get();
}

std::string TestViewer::waits_for_refusal() {
    (void)wait([&] { return answered_; });
    const std::lock_guard lock(mutex_);
    return refusal_;
}

std::string TestViewer::waits_for_answer() {
    (void)wait([&] { return !answer_.empty(); });
    const std::lock_guard lock(mutex_);
    return answer_;
}

Ref<GObject> TestViewer::channel() const {
    const std::lock_guard lock(mutex_);
    return channel_;
}

std::vector<std::string> TestViewer::states() const {
    const std::lock_guard lock(mutex_);
    return states_;
}

std::string TestViewer::detail() const {
    const std::lock_guard lock(mutex_);
    return detail_;
}

std::chrono::steady_clock::time_point TestViewer::changed_at() const {
    const std::lock_guard lock(mutex_);
    return changed_at_;
}

std::set<std::uint32_t> TestViewer::frame_timestamps() const {
    const std::lock_guard lock(mutex_);
    return timestamps_;
}

std::vector<std::uint16_t> TestViewer::sequence_numbers() const {
    const std::lock_guard lock(mutex_);
    return sequence_numbers_;
}

std::uint32_t TestViewer::ssrc() const {
    const std::lock_guard lock(mutex_);
    return ssrc_;
}

std::chrono::steady_clock::time_point TestViewer::first_frame_at() const {
    const std::lock_guard lock(mutex_);
    return first_frame_at_;
}

std::map<std::uint16_t, std::uint32_t> TestViewer::arrivals() const {
    const std::lock_guard lock(mutex_);
    return arrivals_;
}

std::map<std::uint32_t, FrameMessageHeader> TestViewer::messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
}

void TestViewer::request_key_frame() {
    const std::lock_guard lock(mutex_);
    gst_pad_push_event(video_pad_.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

} // namespace masthead::test
