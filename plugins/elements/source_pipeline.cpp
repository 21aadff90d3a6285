#include "plugins/elements/source_pipeline.hpp"

#include "plugins/elements/launch_source.hpp"
#include "plugins/glib/bin.hpp"
#include "plugins/glib/error.hpp"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string_view>

GST_DEBUG_CATEGORY_STATIC(vehiclesrc_source_debug);
#define GST_CAT_DEFAULT vehiclesrc_source_debug

namespace masthead {

/// Streaming threads add branches; each stream has one at most.
struct SourcePipeline::Branches {
    struct Branch {
        std::string chain;
        Ref<GstPad> entry; // where the demuxer's pad is linked; nothing while it is built
    };

    GstElement* pipeline = nullptr; // borrowed from the SourcePipeline that owns this
    SourceOutput output;
    SourceWishes wishes;
    std::mutex mutex;
    std::array<std::optional<Branch>, kStreams.size()> branches;
    Ref<GstElement> video_end;
    std::atomic<bool> has_tables = false; // MPEG-TS
    std::atomic<bool> tables_over = false;

    struct End {
        Branches* branches;
        Stream stream;
    };
    std::array<End, kStreams.size()> ends{End{this, Stream::video}, End{this, Stream::klv},
                                          End{this, Stream::audio}};
};

namespace {

using Branches = SourcePipeline::Branches;

constexpr const char* kH264 = "rtph264depay";
constexpr const char* kH265 = "rtph265depay";

/// How a stream of these caps is parsed, from the demuxer's pad to ours. nullptr: as it is.
struct Route {
    std::string_view media; // caps name
    Stream stream;
    const char* chain; // gst-launch text
};

constexpr const char* kH264Chain =
    "h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au";
constexpr const char* kH265Chain =
    "h265parse config-interval=-1 ! video/x-h265,stream-format=byte-stream,alignment=au";
constexpr const char* kAudioChain = "identity silent=true";
constexpr const char* kKlvChain = "klvparse drop-bad-checksum=true";

constexpr std::array kRoutes{
    Route{"video/x-h264", Stream::video, kH264Chain},  Route{"video/x-h265", Stream::video, kH265Chain},
    Route{"meta/x-klv", Stream::klv, kKlvChain},       Route{"audio/mpeg", Stream::audio, kAudioChain},
    Route{"audio/x-opus", Stream::audio, kAudioChain}, Route{"audio/x-mulaw", Stream::audio, kAudioChain},
    Route{"audio/x-alaw", Stream::audio, kAudioChain}, Route{"audio/x-raw", Stream::audio, kAudioChain},
};

struct RtpRoute {
    std::string_view media;
    std::string_view encoding;
    const char* depayloader;
    const char* then; // caps name in kRoutes, or nullptr: MPEG-TS
};

constexpr std::array kRtpRoutes{
    RtpRoute{"video", "H264", kH264, "video/x-h264"},
    RtpRoute{"video", "H265", kH265, "video/x-h265"},
    RtpRoute{"application", "SMPTE336M", "rtpklvdepay", "meta/x-klv"},
    RtpRoute{"video", "MP2T", "rtpmp2tdepay", nullptr},
    RtpRoute{"audio", "MPEG4-GENERIC", "rtpmp4gdepay", "audio/mpeg"},
    RtpRoute{"audio", "MP4A-LATM", "rtpmp4adepay", "audio/mpeg"},
    RtpRoute{"audio", "MPA", "rtpmpadepay", "audio/mpeg"},
    RtpRoute{"audio", "OPUS", "rtpopusdepay", "audio/x-opus"},
    RtpRoute{"audio", "PCMU", "rtppcmudepay", "audio/x-mulaw"},
    RtpRoute{"audio", "PCMA", "rtppcmadepay", "audio/x-alaw"},
};

std::string string_field(const GstStructure* structure, const char* name) {
    const gchar* text = gst_structure_get_string(structure, name);
    return text ? text : "";
}

GstFlowReturn new_sample(GstAppSink* sink, gpointer data) {
    auto& end = *static_cast<Branches::End*>(data);
    const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
    return sample ? end.branches->output.sample(end.stream, sample.get()) : GST_FLOW_EOS;
}

void eos(GstAppSink*, gpointer data) {
    const auto& end = *static_cast<Branches::End*>(data);
    end.branches->output.ended(end.stream);
}

/// Tables that name other streams than before make tsdemux end and remove its pads and give others: what is
/// the end of a pad is the stream's only when the source has ended.
GstPadProbeReturn pass_last_end(GstPad*, GstPadProbeInfo* info, gpointer data) {
    const bool end = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS;
    return end && !static_cast<Branches*>(data)->tables_over ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/// The source has ended, and so have streams that the tables do not name any more.
GstPadProbeReturn note_end(GstPad*, GstPadProbeInfo* info, gpointer data) {
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS) {
        auto& branches = *static_cast<Branches*>(data);
        branches.tables_over = true;
        std::unique_lock lock(branches.mutex);
        const auto known = branches.branches;
        lock.unlock();
        for (const auto& branch : known) {
            if (branch && branch->entry && !gst_pad_is_linked(branch->entry.get())) {
                gst_pad_send_event(branch->entry.get(), gst_event_new_eos());
            }
        }
    }
    return GST_PAD_PROBE_OK;
}

/// `pad` has a stream of a kind that has a branch: that of a pad that is gone, or a second one.
void join_branch(Branches& branches, const Branches::Branch& branch, GstPad* pad, Stream stream,
                 const std::string& chain) {
    if (!branch.entry || gst_pad_is_linked(branch.entry.get())) {
        GST_INFO("a second stream of one kind is left out");
    } else if (branch.chain != chain || GST_PAD_LINK_FAILED(gst_pad_link(pad, branch.entry.get()))) {
        branches.output.ended(stream);
    }
}

/// Adds "`chain` ! appsink" to the pipeline and links `pad` to it.
void add_branch(Branches& branches, GstPad* pad, Stream stream, const std::string& chain) {
    {
        std::unique_lock lock(branches.mutex);
        auto& branch = branches.branches[static_cast<std::size_t>(stream)];
        if (const auto before = branch) {
            lock.unlock();
            join_branch(branches, *before, pad, stream, chain);
            return;
        }
        branch = {.chain = chain, .entry = {}};
    }
    GError* error = nullptr;
    GstElement* bin = gst_parse_bin_from_description(
        (chain + " ! appsink name=end sync=false async=false max-buffers=1").c_str(), TRUE, &error);
    if (!bin || error) {
        branches.output.unusable(fail_from(error, "a GStreamer element is missing").value().message);
        return;
    }
    gst_bin_add(GST_BIN(branches.pipeline), bin);
    const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin), "end"));
    const auto entry = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "sink"));
    {
        const std::lock_guard lock(branches.mutex);
        branches.branches[static_cast<std::size_t>(stream)]->entry = entry;
        if (stream == Stream::video) {
            branches.video_end = sink;
        }
    }
    if (branches.has_tables) {
        gst_pad_add_probe(entry.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, pass_last_end, &branches,
                          nullptr);
    }
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = new_sample;
    callbacks.eos = eos;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks,
                               &branches.ends[static_cast<std::size_t>(stream)], nullptr);
    gst_element_sync_state_with_parent(bin);
    if (GST_PAD_LINK_FAILED(gst_pad_link(pad, entry.get()))) {
        branches.output.unusable("a stream could not be linked");
    }
}

/// A demuxer's or typefinder's stream: video, KLV, audio; others are left out.
void route(Branches& branches, GstPad* pad) {
    auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    if (!caps) {
        caps = Ref<GstCaps>::adopt(gst_pad_query_caps(pad, nullptr));
    }
    const std::string_view media = gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
    for (const Route& known : kRoutes) {
        if (known.media == media) {
            if (known.stream == Stream::audio && !branches.wishes.audio) {
                return;
            }
            add_branch(branches, pad, known.stream, known.chain);
            return;
        }
    }
    if (media.starts_with("video/") || media.starts_with("image/")) {
        branches.output.unusable("the camera sends " + std::string(media) + ", which is not taken; " +
                                 (media == "video/x-raw" ? "encode it" : "set it") + " to H.264 or H.265");
    }
}

void demuxer_pad_added(GstElement*, GstPad* pad, gpointer data) { route(*static_cast<Branches*>(data), pad); }

/// The one that takes its place may have been added before.
void demuxer_pad_removed(GstElement* demuxer, GstPad*, gpointer data) {
    for (const auto& pad : source_pads_of(demuxer)) {
        if (!gst_pad_is_linked(pad.get())) {
            route(*static_cast<Branches*>(data), pad.get());
        }
    }
}

GstElement* add(Branches& branches, const char* factory) {
    GstElement* element = gst_element_factory_make(factory, nullptr);
    if (!element) {
        branches.output.unusable(std::string("GStreamer element '") + factory + "' is not installed");
        return nullptr;
    }
    gst_bin_add(GST_BIN(branches.pipeline), element);
    return element;
}

/// Element `factory` after `pad`; its streams are routed.
void add_demuxer(Branches& branches, GstPad* pad, const char* factory) {
    GstElement* demuxer = add(branches, factory);
    if (!demuxer) {
        return;
    }
    g_signal_connect(demuxer, "pad-added", G_CALLBACK(demuxer_pad_added), &branches);
    GstElement* first = demuxer;
    const bool has_tables = std::string_view(factory) == "tsdemux";
    if (has_tables) {
        branches.has_tables = true;
        g_signal_connect(demuxer, "pad-removed", G_CALLBACK(demuxer_pad_removed), &branches);
        g_object_set(demuxer, "latency", static_cast<gint>(branches.wishes.latency_ms), nullptr);
        first = add(branches, "klvtsfilter");
        if (!first) {
            return;
        }
        gst_element_link(first, demuxer);
    }
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(first, "sink"));
    if (has_tables) {
        gst_pad_add_probe(sink.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_end, &branches, nullptr);
    }
    gst_element_sync_state_with_parent(demuxer);
    gst_element_sync_state_with_parent(first);
    if (GST_PAD_LINK_FAILED(gst_pad_link(pad, sink.get()))) {
        branches.output.unusable("the container could not be linked");
    }
}

const RtpRoute* route_of(const GstStructure* rtp) {
    const std::string media = string_field(rtp, "media");
    const std::string encoding = string_field(rtp, "encoding-name");
    const auto known = std::ranges::find_if(kRtpRoutes, [&](const RtpRoute& route) {
        return route.media == media && route.encoding == encoding;
    });
    return known == kRtpRoutes.end() ? nullptr : &*known;
}

void route_rtp(Branches& branches, GstPad* pad) {
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    if (!caps) {
        return;
    }
    const GstStructure* rtp = gst_caps_get_structure(caps.get(), 0);
    const RtpRoute* known = route_of(rtp);
    if (!known) {
        if (string_field(rtp, "media") == "video") {
            branches.output.unusable("the camera sends " + string_field(rtp, "encoding-name") +
                                     ", which is not taken; set it to H.264 or H.265");
        }
        return;
    }
    if (!known->then) {
        GstElement* depayloader = add(branches, known->depayloader);
        if (!depayloader) {
            return;
        }
        const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(depayloader, "sink"));
        const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(depayloader, "src"));
        add_demuxer(branches, src.get(), "tsdemux");
        gst_element_sync_state_with_parent(depayloader);
        gst_pad_link(pad, sink.get());
        return;
    }
    const auto next = std::ranges::find(kRoutes, std::string_view(known->then), &Route::media);
    add_branch(branches, pad, next->stream, std::string(known->depayloader) + " ! " + next->chain);
}

void rtsp_pad_added(GstElement*, GstPad* pad, gpointer data) {
    route_rtp(*static_cast<Branches*>(data), pad);
}

/// Only what we can use is set up, so that cameras with other tracks cost nothing.
gboolean select_stream(GstElement*, guint, GstCaps* caps, gpointer data) {
    const GstStructure* rtp = gst_caps_get_structure(caps, 0);
    const std::string media = string_field(rtp, "media");
    const bool wanted = media == "video" ||
                        (route_of(rtp) && (media != "audio" || static_cast<Branches*>(data)->wishes.audio));
    return wanted ? TRUE : FALSE;
}

void have_type(GstElement* typefind, guint, GstCaps* caps, gpointer data) {
    auto& branches = *static_cast<Branches*>(data);
    struct Container {
        std::string_view media;
        const char* demuxer;
    };
    constexpr std::array kContainers{
        Container{"video/mpegts", "tsdemux"},
        Container{"video/quicktime", "qtdemux"},
        Container{"video/x-matroska", "matroskademux"},
    };
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(typefind, "src"));
    const std::string_view media = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    for (const Container& container : kContainers) {
        if (container.media == media) {
            add_demuxer(branches, pad.get(), container.demuxer);
            return;
        }
    }
    route(branches, pad.get());
}

void build_rtsp(Branches& branches, const SourceUri& uri) {
    GstElement* source = add(branches, "rtspsrc");
    if (!source) {
        return;
    }
    g_object_set(source, "location", uri.text.c_str(), "latency", branches.wishes.latency_ms,
                 "add-reference-timestamp-meta", TRUE, "timeout", G_GUINT64_CONSTANT(2'000'000),
                 "tcp-timeout", G_GUINT64_CONSTANT(5'000'000), "udp-buffer-size", 2'000'000,
                 "do-rtsp-keep-alive", TRUE, nullptr);
    g_signal_connect(source, "select-stream", G_CALLBACK(select_stream), &branches);
    g_signal_connect(source, "pad-added", G_CALLBACK(rtsp_pad_added), &branches);
}

void build_ts(Branches& branches, const SourceUri& uri) {
    GstElement* source = add(branches, uri.kind == SourceKind::ts_srt ? "srtsrc" : "udpsrc");
    if (!source) {
        return;
    }
    if (uri.kind == SourceKind::ts_srt) {
        g_object_set(source, "uri", uri.text.c_str(), nullptr);
    } else {
        g_object_set(source, "address", uri.host.empty() ? "0.0.0.0" : uri.host.c_str(), "port",
                     static_cast<gint>(uri.port), "buffer-size", 2'000'000, nullptr);
    }
    auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
    if (uri.kind == SourceKind::ts_rtp) {
        const auto caps = Ref<GstCaps>::adopt(
            gst_caps_from_string("application/x-rtp, media=(string)video, clock-rate=(int)90000, "
                                 "encoding-name=(string)MP2T, payload=(int)33"));
        g_object_set(source, "caps", caps.get(), nullptr);
        GstElement* jitter = add(branches, "rtpjitterbuffer");
        GstElement* depayloader = add(branches, "rtpmp2tdepay");
        if (!jitter || !depayloader) {
            return;
        }
        g_object_set(jitter, "latency", branches.wishes.latency_ms, nullptr);
        gst_element_link_many(source, jitter, depayloader, nullptr);
        pad = Ref<GstPad>::adopt(gst_element_get_static_pad(depayloader, "src"));
    }
    add_demuxer(branches, pad.get(), "tsdemux");
}

void build_file(Branches& branches, const SourceUri& uri) {
    GstElement* source = add(branches, "filesrc");
    GstElement* typefind = add(branches, "typefind");
    if (!source || !typefind) {
        return;
    }
    g_object_set(source, "location", uri.path.c_str(), nullptr);
    gst_element_link(source, typefind);
    g_signal_connect(typefind, "have-type", G_CALLBACK(have_type), &branches);
}

/// Each named end is routed once its caps are known.
void build_launch(Branches& branches, const SourceUri& uri) {
    const auto ends = add_launch_source(branches.pipeline, uri);
    if (!ends) {
        branches.output.unusable(ends.error().message);
        return;
    }
    for (const auto& pad : *ends) {
        const auto on_caps = [](GstPad* end, GstPadProbeInfo* info, gpointer data) {
            if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_CAPS) {
                return GST_PAD_PROBE_OK;
            }
            route(*static_cast<Branches*>(data), end);
            return GST_PAD_PROBE_REMOVE;
        };
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps, &branches, nullptr);
    }
}

Result<std::unique_ptr<Publisher>> build_whip(Branches& branches, Publication publication) {
    gst_element_set_state(branches.pipeline, GST_STATE_READY);
    publication.events.pad = [&branches](GstPad* pad) { route_rtp(branches, pad); };
    return Publisher::create(*publication.loop, GST_BIN(branches.pipeline), std::move(publication.settings),
                             std::move(publication.events));
}

} // namespace

Result<std::unique_ptr<SourcePipeline>> SourcePipeline::create(const SourceUri& uri, SourceWishes wishes,
                                                               SourceOutput output, GstClock* clock,
                                                               GstClockTime base_time,
                                                               std::optional<Publication> publication) {
    static const bool category = [] {
        GST_DEBUG_CATEGORY_INIT(vehiclesrc_source_debug, "vehiclesrcsource", 0, "vehiclesrc's connections");
        return true;
    }();
    (void)category;
    std::unique_ptr<SourcePipeline> self(new SourcePipeline());
    self->pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    self->bus_ = Ref<GstBus>::adopt(gst_element_get_bus(self->pipeline_.get()));
    self->branches_ = std::make_unique<Branches>();
    Branches& branches = *self->branches_;
    branches.pipeline = self->pipeline_.get();
    branches.output = std::move(output);
    branches.wishes = wishes;
    switch (uri.kind) {
    case SourceKind::rtsp: build_rtsp(branches, uri); break;
    case SourceKind::file: build_file(branches, uri); break;
    case SourceKind::launch: build_launch(branches, uri); break;
    case SourceKind::whip:
        if (auto publisher = build_whip(branches, std::move(*publication))) {
            self->publisher_ = std::move(*publisher);
            break;
        } else {
            return tl::unexpected(publisher.error());
        }
    case SourceKind::ts_udp:
    case SourceKind::ts_rtp:
    case SourceKind::ts_srt: build_ts(branches, uri); break;
    }
    if (clock) {
        gst_pipeline_use_clock(GST_PIPELINE(self->pipeline_.get()), clock);
        gst_element_set_start_time(self->pipeline_.get(), GST_CLOCK_TIME_NONE);
        gst_element_set_base_time(self->pipeline_.get(), base_time);
    }
    // A failure posts its error on the bus as well, with a better text.
    gst_element_set_state(self->pipeline_.get(), GST_STATE_PLAYING);
    if (self->publisher_) {
        self->publisher_->begin();
    }
    return self;
}

SourcePipeline::~SourcePipeline() {
    if (publisher_) {
        publisher_->close();
    }
    if (pipeline_) {
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    }
}

void SourcePipeline::set_base_time(GstClockTime base_time) {
    gst_element_set_base_time(pipeline_.get(), base_time);
}

void SourcePipeline::request_key_frame() {
    Ref<GstElement> end;
    {
        const std::lock_guard lock(branches_->mutex);
        end = branches_->video_end;
    }
    if (end) {
        gst_element_send_event(end.get(),
                               gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    }
}

namespace {

/// v4l2src and the like.
bool reads_device(GstMessage* message) {
    GObjectClass* source = G_OBJECT_GET_CLASS(GST_MESSAGE_SRC(message));
    return g_object_class_find_property(source, "device") != nullptr;
}

} // namespace

SourceFailure failure_of(GstMessage* message, const SourceUri& uri) {
    GError* raw = nullptr;
    gst_message_parse_error(message, &raw, nullptr);
    const Owned<GError> error(raw);
    const auto is = [&](gint code) {
        return g_error_matches(error.get(), GST_RESOURCE_ERROR, code) != FALSE;
    };
    if (is(GST_RESOURCE_ERROR_NOT_AUTHORIZED)) {
        return {true, uri.shown + " refuses the user name or password; correct them in the camera's URI"};
    }
    if (uri.kind == SourceKind::file) { // no file gets better by itself
        return {true, is(GST_RESOURCE_ERROR_NOT_FOUND) ? uri.shown + " is not there; check the path"
                                                       : uri.shown + " cannot be played: " + error->message};
    }
    const bool absent = is(GST_RESOURCE_ERROR_NOT_FOUND) || is(GST_RESOURCE_ERROR_OPEN_READ) ||
                        is(GST_RESOURCE_ERROR_OPEN_READ_WRITE) || is(GST_RESOURCE_ERROR_SETTINGS);
    if (absent && reads_device(message)) {
        return {true, uri.shown + ": " + error->message + " Is it plugged in, and may this user read it?"};
    }
    if (is(GST_RESOURCE_ERROR_NOT_FOUND)) {
        return {false, uri.shown + " has no such stream; check the path"};
    }
    if (is(GST_RESOURCE_ERROR_OPEN_READ) || is(GST_RESOURCE_ERROR_OPEN_READ_WRITE)) {
        return {false, uri.shown + " cannot be reached; is the camera on and the address right?"};
    }
    return {false, uri.shown + ": " + error->message};
}

} // namespace masthead
