#include "plugins/elements/viewer/peer.hpp"

#include "plugins/glib/bin.hpp"
#include "plugins/glib/loop_hook.hpp"

#include <gst/video/video.h>

namespace masthead {

namespace {

constexpr guint64 kMaxQueuedBytes = 4 << 20;
constexpr GstClockTime kMaxQueuedTime = GST_SECOND;
constexpr guint64 kMaxQueuedMessageBytes = 256 << 10;
constexpr std::chrono::milliseconds kStatsInterval{2'000};
constexpr unsigned kMostForeignChannels = 8;
constexpr auto kBuffers =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);

using Hook = LoopHook<Peer>;

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

Ref<GstCaps> sound_caps(const SoundStream& stream) {
    return Ref<GstCaps>::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, "audio", "encoding-name", G_TYPE_STRING, "OPUS",
        "payload", G_TYPE_INT, static_cast<int>(stream.payload_type), "clock-rate", G_TYPE_INT, 48'000,
        "encoding-params", G_TYPE_STRING, "2", "ssrc", G_TYPE_UINT, stream.ssrc, nullptr));
}

/// Its bounds are kept where buffers are pushed.
Ref<GstElement> make_source(GstCaps* caps) {
    auto source = Ref<GstElement>::sink(gst_element_factory_make("appsrc", nullptr));
    g_object_set(source.get(), "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", guint64{0}, "caps",
                 caps, nullptr);
    return source;
}

bool link(const Ref<GstElement>& source, const Ref<GstPad>& feed) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source.get(), "src"));
    return gst_pad_link(pad.get(), feed.get()) == GST_PAD_LINK_OK;
}

} // namespace

Peer::Peer(LoopThread& loop, PeerSettings settings, PeerEvents events)
    : loop_(loop), settings_(std::move(settings)), events_(std::move(events)),
      reports_(std::make_shared<ReceiverReports>(settings_.ssrc)) {
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
    auto connection = PeerConnection::create(loop_, {.ice = settings_.ice}, connection_events());
    if (!connection) {
        return tl::unexpected(connection.error());
    }
    connection_ = std::move(*connection);
    if (settings_.offer) {
        answering_.emplace(*connection_, *settings_.offer, events_.answer);
    }
    const auto caps = stream_caps(settings_.ssrc, payload_type_);
    make_pipeline(caps.get());
    if (auto media = make_media(caps.get()); !media) {
        return media;
    }
    watch();
    connection_->start();
    if (!link(source_, feed_pad_) || (sound_source_ && !link(sound_source_, sound_pad_)) ||
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        return fail(Code::internal, "webrtcbin does not start");
    }
    if (answering_) {
        answering_->begin();
    } else {
        connection_->make_offer([this](const std::string& ours) {
            connection_->set_local(GST_WEBRTC_SDP_TYPE_OFFER, ours);
            events_.offer(ours);
        });
    }
    return {};
}

void Peer::make_pipeline(GstCaps* caps) {
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    source_ = make_source(caps);
    gst_bin_add_many(GST_BIN(pipeline_.get()), source_.get(), connection_->webrtc(), nullptr);
    gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), settings_.clock.get());
    gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_.get(), settings_.base_time);
    gst_element_set_state(pipeline_.get(), GST_STATE_READY);
}

Result<void> Peer::make_media(GstCaps* caps) {
    if (!settings_.offer || settings_.offer->data_line) {
        auto channel = connection_->open_channel("frames");
        if (!channel) {
            return tl::unexpected(channel.error());
        }
        channel_ = std::move(*channel);
    }
    auto feed = request_feed(caps, !settings_.offer || settings_.offer->rtx_type);
    if (!feed) {
        return tl::unexpected(feed.error());
    }
    feed_pad_ = std::move(*feed);
    return make_sound();
}

/// Behind the video, whose section is to be the first: all candidates belong to it.
Result<void> Peer::make_sound() {
    if (!settings_.sound_ssrc || (settings_.offer && !settings_.offer->audio_line)) {
        return {};
    }
    hears_ = settings_.offer.has_value(); // else its answer tells
    sound_ = {.ssrc = *settings_.sound_ssrc,
              .payload_type = settings_.offer
                                  ? static_cast<std::uint8_t>(
                                        sdp::number(settings_.offer->audio_payload_type, 0, 127).value_or(0))
                                  : kSoundPayloadType,
              .sequence_number = 0};
    const auto caps = sound_caps(sound_);
    sound_source_ = make_source(caps.get());
    gst_bin_add(GST_BIN(pipeline_.get()), sound_source_.get());
    auto feed = request_feed(caps.get(), false);
    if (!feed) {
        return tl::unexpected(feed.error());
    }
    sound_pad_ = std::move(*feed);
    // A media stream of its own: a browser makes a picture wait for the sound that it is to be in step with.
    g_object_set(sound_pad_.get(), "msid", "sound", nullptr);
    return {};
}

Result<Ref<GstPad>> Peer::request_feed(GstCaps* caps, bool resends) {
    auto feed = Ref<GstPad>::adopt(gst_element_request_pad_simple(connection_->webrtc(), "sink_%u"));
    if (!feed) {
        return fail(Code::unavailable, "webrtcbin gives no pad");
    }
    GObject* transceiver = nullptr;
    g_object_get(feed.get(), "transceiver", &transceiver, nullptr);
    g_object_set(Ref<GObject>::adopt(transceiver).get(), "direction",
                 GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "codec-preferences", caps, "do-nack", resends,
                 nullptr);
    return feed;
}

/// This owns the connection, and closes it before it goes.
ConnectionEvents Peer::connection_events() {
    return {
        .candidate =
            [this](unsigned mline, const std::string& candidate) {
                answering_ ? answering_->candidate(mline, candidate) : events_.candidate(mline, candidate);
            },
        .gathered = settings_.offer ? std::function<void()>([this] { answering_->gathered(); }) : nullptr,
        .channel_opened = [this] { refuse_many_channels(); },
        .connected = [this] { go_live(); },
        .ended = [this](bool failed, const std::string& why) { end(failed, why); },
    };
}

void Peer::watch() {
    const auto on_message = +[](GstBus*, GstMessage* message, gpointer data) {
        const auto dropped = Ref<GstMessage>::adopt(message); // GST_BUS_DROP leaves it to the handler
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
            GError* error = nullptr;
            gst_message_parse_error(message, &error, nullptr);
            static_cast<Hook*>(data)->post([text = std::string(Owned<GError>(error)->message)](Peer& peer) {
                peer.connection_->end_for_error(text);
            });
        }
        return GST_BUS_DROP;
    };
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_bus_set_sync_handler(bus.get(), on_message, new Hook{weak_from_this(), &loop_}, destroy_hook<Hook>);

    const auto on_upstream = +[](GstPad*, GstPadProbeInfo* info, gpointer data) {
        if (gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) {
            static_cast<Hook*>(data)->post([](Peer& peer) {
                if (peer.connection_->live()) {
                    peer.events_.key_frame_wanted();
                }
            });
        }
        return GST_PAD_PROBE_OK;
    };
    const auto source_pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source_.get(), "src"));
    gst_pad_add_probe(source_pad.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream,
                      new Hook{weak_from_this(), &loop_}, destroy_hook<Hook>);
}

void Peer::set_answer(const CheckedAnswer& answer) {
    {
        const std::lock_guard lock(outlet_mutex_);
        hears_ = answer.takes_audio;
    }
    connection_->set_remote(GST_WEBRTC_SDP_TYPE_ANSWER, answer.sdp, answer.fingerprint_sha256);
}

void Peer::add_candidate(const std::string& candidate) { connection_->add_candidate(candidate); }

void Peer::go_live() {
    // The transport is linked by now: since 1.24 rtpsession makes no sender reports before it knows the
    // latency.
    gst_bin_recalculate_latency(GST_BIN(pipeline_.get()));
    {
        const std::lock_guard lock(outlet_mutex_);
        outlet_open_ = true;
    }
    count_arrivals();
    read_reports();
    measured_at_ = std::chrono::steady_clock::now();
    stats_timer_.repeat(kStatsInterval);
    events_.connected();
}

/// Counts what comes in from the viewer at the transport, before anything works on it.
void Peer::count_arrivals() {
    for (auto& resender : made_by("rtprtxsend", connection_->webrtc())) {
        resender_ = std::move(resender);
    }
    using Count = std::shared_ptr<std::atomic<std::uint64_t>>;
    const auto count = +[](GstPad*, GstPadProbeInfo* info, gpointer data) {
        const bool list = info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST;
        **static_cast<Count*>(data) +=
            list ? gst_buffer_list_length(GST_PAD_PROBE_INFO_BUFFER_LIST(info)) : 1;
        return GST_PAD_PROBE_OK;
    };
    for (const auto& receiver : made_by("nicesrc", connection_->webrtc())) {
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(receiver.get(), "src"));
        gst_pad_add_probe(pad.get(), kBuffers, count, new Count(packets_received_), destroy_hook<Count>);
    }
}

void Peer::read_reports() {
    using Reports = std::shared_ptr<ReceiverReports>;
    const auto on_rtcp = +[](GObject*, GstBuffer* rtcp, gpointer data) {
        (*static_cast<Reports*>(data))->take(rtcp, g_get_real_time());
    };
    for (const auto& rtpbin : made_by("rtpbin", connection_->webrtc())) {
        GObject* session = nullptr;
        g_signal_emit_by_name(rtpbin.get(), "get-internal-session", 0U, &session); // bundled: the only one
        if (const auto owned = Ref<GObject>::adopt(session)) {
            g_signal_connect_data(session, "on-receiving-rtcp", G_CALLBACK(on_rtcp), new Reports(reports_),
                                  destroy_closure_hook<Reports>, static_cast<GConnectFlags>(0));
        }
    }
}

/// Each channel that the viewer opens is elements and threads here.
void Peer::refuse_many_channels() {
    if (++foreign_channels_ > kMostForeignChannels) {
        connection_->end(true, "the viewer opens more data channels than anyone needs");
    }
}

void Peer::ask_stats() {
    if (!std::exchange(stats_asked_, true)) {
        connection_->ask_stats([this](const GstStructure* stats) {
            stats_asked_ = false;
            take_stats(stats);
        });
    }
}

void Peer::take_stats(const GstStructure* stats) {
    const auto now = std::chrono::steady_clock::now();
    ViewerFigures figures = figures_of(stats);
    const double elapsed_s = std::chrono::duration<double>(now - std::exchange(measured_at_, now)).count();
    const auto bytes = static_cast<double>(figures.bytes_sent - measured_bytes_);
    figures.bitrate_bps = static_cast<std::uint64_t>(8 * bytes / std::max(elapsed_s, 0.001));
    measured_bytes_ = figures.bytes_sent;
    if (resender_) {
        guint resent = 0;
        g_object_get(resender_.get(), "num-rtx-packets", &resent, nullptr);
        figures.packets_resent = resent;
    }
    reports_->tell(figures);
    figures.dropped_frames = dropped_frames_;
    figures.messages_sent = sent_messages_;
    figures.messages_dropped = dropped_messages_;
    figures.packets_received = *packets_received_;
    events_.figures(figures);
    if (const auto objection = conduct_.objection(figures, now)) {
        connection_->end(true, *objection);
    }
}

void Peer::end(bool failed, const std::string& why) {
    if (!closed_) {
        const auto self = shared_from_this(); // the end may be the last that others knew of it
        const auto ended = events_.ended;
        close();
        ended(failed, why);
    }
}

void Peer::close() {
    if (std::exchange(closed_, true)) {
        return;
    }
    {
        const std::lock_guard lock(outlet_mutex_);
        outlet_open_ = false;
    }
    stats_timer_.cancel();
    if (connection_) {
        connection_->close();
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

void Peer::hear(const SoundPiece& piece) {
    const std::lock_guard lock(outlet_mutex_);
    if (!outlet_open_ || !sound_source_ || !hears_ || !playhead_.live()) {
        return;
    }
    auto* source = GST_APP_SRC(sound_source_.get());
    if (gst_app_src_get_current_level_time(source) < kMaxQueuedTime) {
        gst_app_src_push_buffer(source, sound_packet(piece, sound_).release());
    }
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
    guint64 waiting = 0;
    g_object_get(channel_.get(), "buffered-amount", &waiting, nullptr);
    if (waiting >= kMaxQueuedMessageBytes) {
        ++dropped_messages_;
    } else {
        ++sent_messages_;
        gst_webrtc_data_channel_send_data_full(GST_WEBRTC_DATA_CHANNEL(channel_.get()), message.get(),
                                               nullptr);
    }
}

} // namespace masthead
