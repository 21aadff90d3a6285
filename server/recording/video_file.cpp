// GStreamer's demuxers and parsers without queues between them: one thread reads, and everything comes in the
// file's order.
#include "server/recording/video_file.hpp"

#include "plugins/bytes/stated_time.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/glib/sei_meta.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace masthead::recording_tool {

namespace {

constexpr std::int64_t kFirstTicks = 10 * 90'000; // room for what is decoded before the first frame is shown
constexpr double kCutOffSeconds = 1;
constexpr auto kLastTicks = static_cast<std::int64_t>(ts::kTicksWrap) - 3600 * 90'000;

struct Container {
    std::string_view media;
    const char* name;
    const char* filter; // before the demuxer; nullptr: none
    const char* demuxer;
};
constexpr std::array kContainers{
    Container{"video/mpegts", "MPEG-TS", "klvtsfilter", "tsdemux"},
    Container{"video/quicktime", "MP4", nullptr, "qtdemux"},
    Container{"application/x-3gp", "MP4", nullptr, "qtdemux"},
};

struct Stream {
    std::string_view media;
    const char* chain; // gst-launch text
    std::optional<recording::Codec> codec;
};
constexpr std::array kStreams{
    Stream{"video/x-h264",
           "h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink "
           "name=end",
           recording::Codec::h264},
    Stream{"video/x-h265",
           "h265parse config-interval=-1 ! video/x-h265,stream-format=byte-stream,alignment=au ! appsink "
           "name=end",
           recording::Codec::h265},
    Stream{"meta/x-klv", "klvparse drop-bad-checksum=true ! appsink name=end", {}},
};

/// Of the running time, which may lie before the segment's begin.
std::optional<std::int64_t> ticks_of(const GstSegment& segment, GstClockTime time) {
    guint64 running = 0;
    const int sign = GST_CLOCK_TIME_IS_VALID(time)
                         ? gst_segment_to_running_time_full(&segment, GST_FORMAT_TIME, time, &running)
                         : 0;
    if (sign == 0) {
        return std::nullopt;
    }
    return sign * static_cast<std::int64_t>(gst_util_uint64_scale_round(running, 9, 100'000));
}

std::string media_of(const GstCaps* caps) { return gst_structure_get_name(gst_caps_get_structure(caps, 0)); }

/// Everything but the constructor's thread is the one that reads.
class Reading {
  public:
    Reading(std::filesystem::path file, const SourceReaders& readers)
        : file_(std::move(file)), readers_(readers),
          pipeline_(Ref<GstElement>::sink(gst_pipeline_new(nullptr))) {}
    ~Reading() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

    Result<SourceFacts> run();

  private:
    struct Branch {
        Reading* reading;
        const Stream* stream;
    };

    GstElement* add(const char* factory);
    GstElement* add_chain(const char* launch);
    void route_container(GstElement* typefind, GstCaps* caps);
    void route_stream(GstPad* pad);
    GstFlowReturn take(const Stream& stream, GstSample* sample);
    GstFlowReturn take_frame(GstBuffer* buffer, const GstSegment& segment);
    void take_klv(GstBuffer* buffer, const GstSegment& segment);
    void note_tags(GstMessage* message);
    void note_klv(GstMessage* message);
    void refuse(Code code, std::string why);
    Result<SourceFacts> outcome(GstMessage* last);
    [[nodiscard]] std::string shortness() const;

    std::filesystem::path file_;
    const SourceReaders& readers_;
    SourceFacts facts_;
    std::optional<Error> failure_; // the first; what GStreamer says of it afterwards is less
    std::string other_video_;      // a video stream's media type that is not taken
    std::array<std::optional<Branch>, kStreams.size()> branches_;
    bool has_video_ = false;
    std::int64_t base_ = -kFirstTicks; // place on the time line of a PTS of 0
    std::int64_t newest_ = 0;
    std::int64_t oldest_ = 0;
    // Last: its threads end before what they use.
    Ref<GstElement> pipeline_;
};

/// The first failure counts.
void Reading::refuse(Code code, std::string why) {
    if (!failure_) {
        failure_ = Error{code, std::move(why)};
    }
}

/// In the pipeline, which owns it; nullptr where it is not installed.
GstElement* Reading::add(const char* factory) {
    GstElement* element = gst_element_factory_make(factory, nullptr);
    if (!element) {
        refuse(Code::unavailable, std::string("GStreamer's element '") + factory + "' is not installed");
        return nullptr;
    }
    gst_bin_add(GST_BIN(pipeline_.get()), element);
    return element;
}

GstElement* Reading::add_chain(const char* launch) {
    GError* error = nullptr;
    GstElement* bin = gst_parse_bin_from_description(launch, TRUE, &error);
    if (!bin || error) {
        refuse(Code::unavailable, fail_from(error, "a GStreamer element is missing").value().message);
        return nullptr;
    }
    gst_bin_add(GST_BIN(pipeline_.get()), bin);
    return bin;
}

void Reading::route_container(GstElement* typefind, GstCaps* caps) {
    const std::string media = media_of(caps);
    const auto container = std::ranges::find(kContainers, std::string_view(media), &Container::media);
    if (container == kContainers.end()) {
        refuse(Code::unsupported,
               file_.filename().string() + " is no MPEG-TS, MP4 or MOV: its bytes are " + media);
        return;
    }
    facts_.container = container->name;
    GstElement* filter = container->filter ? add(container->filter) : nullptr;
    GstElement* demuxer = add(container->demuxer);
    if (!demuxer || (container->filter && !filter)) {
        return;
    }
    const auto on_pad = [](GstElement*, GstPad* pad, gpointer data) {
        static_cast<Reading*>(data)->route_stream(pad);
    };
    g_signal_connect(demuxer, "pad-added", G_CALLBACK(+on_pad), this);
    gst_element_sync_state_with_parent(demuxer);
    if (filter) {
        gst_element_link(filter, demuxer);
        gst_element_sync_state_with_parent(filter);
    }
    gst_element_link(typefind, filter ? filter : demuxer);
}

/// The first stream of each kind; sound and the like are left out.
void Reading::route_stream(GstPad* pad) {
    auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    if (!caps) {
        caps = Ref<GstCaps>::adopt(gst_pad_query_caps(pad, nullptr));
    }
    const std::string media = media_of(caps.get());
    const auto stream = std::ranges::find(kStreams, std::string_view(media), &Stream::media);
    if (stream == kStreams.end()) {
        if (media.starts_with("video/") || media.starts_with("image/")) {
            other_video_ = media;
        }
        return;
    }
    auto& branch = branches_[static_cast<std::size_t>(stream - kStreams.begin())];
    const bool wanted = !branch && (stream->codec ? !has_video_ : static_cast<bool>(readers_.klv));
    if (!wanted) {
        return;
    }
    GstElement* bin = add_chain(stream->chain);
    if (!bin) {
        return;
    }
    if (stream->codec) {
        has_video_ = true;
        facts_.codec = *stream->codec;
    }
    branch = Branch{this, &*stream};
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink* sink, gpointer data) {
        const auto& of = *static_cast<Branch*>(data);
        const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
        return sample ? of.reading->take(*of.stream, sample.get()) : GST_FLOW_EOS;
    };
    const auto end = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin), "end"));
    g_object_set(end.get(), "sync", FALSE, "async", FALSE, nullptr);
    gst_app_sink_set_callbacks(GST_APP_SINK(end.get()), &callbacks, &*branch, nullptr);
    gst_element_sync_state_with_parent(bin);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "sink"));
    gst_pad_link(pad, sink.get());
}

GstFlowReturn Reading::take(const Stream& stream, GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    const GstSegment& segment = *gst_sample_get_segment(sample);
    if (stream.codec) {
        return take_frame(buffer, segment);
    }
    take_klv(buffer, segment);
    return GST_FLOW_OK;
}

GstFlowReturn Reading::take_frame(GstBuffer* buffer, const GstSegment& segment) {
    const auto dts = ticks_of(segment, GST_BUFFER_DTS(buffer));
    auto pts = ticks_of(segment, GST_BUFFER_PTS(buffer));
    pts = pts ? pts : dts;
    if (!pts) {
        ++facts_.without_time;
        return GST_FLOW_OK;
    }
    const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (key && *pts - base_ > kLastTicks) {
        base_ = *pts - kFirstTicks;
    }
    const auto wrapped = [&](std::int64_t ticks) {
        return static_cast<ts::Ticks>(std::max<std::int64_t>(ticks - base_, 0)) & (ts::kTicksWrap - 1);
    };
    newest_ = *pts;
    oldest_ = facts_.frames == 0 ? *pts : oldest_;
    const BufferMap map(buffer);
    SourceFrame out{.frame = {.pts = wrapped(*pts),
                              .dts = dts && *dts != *pts ? std::optional(wrapped(*dts)) : std::nullopt,
                              .key = key,
                              .header = {},
                              .access_unit = map.bytes(),
                              .klv = {}},
                    .ticks = *pts,
                    .sei = first_sei(buffer, klv::decode_sei_payload)};
    ++facts_.frames;
    if (const auto taken = readers_.frame(out); !taken) {
        refuse(taken.error().code, taken.error().message);
        return GST_FLOW_ERROR;
    }
    return GST_FLOW_OK;
}

void Reading::take_klv(GstBuffer* buffer, const GstSegment& segment) {
    const auto pts = ticks_of(segment, GST_BUFFER_PTS(buffer));
    const BufferMap map(buffer);
    readers_.klv({.bytes = map.bytes(), .ticks = pts.value_or(newest_)});
}

void Reading::note_tags(GstMessage* message) {
    GstTagList* raw = nullptr;
    gst_message_parse_tag(message, &raw);
    const auto tags = Ref<GstTagList>::adopt(raw);
    const GValue* value = gst_tag_list_get_value_index(tags.get(), GST_TAG_DATE_TIME, 0);
    if (!value) {
        return;
    }
    auto* date = static_cast<GstDateTime*>(g_value_get_boxed(value));
    if (const auto time = parse_time(take_string(gst_date_time_to_iso8601_string(date)))) {
        facts_.created = time->utc;
    }
}

Result<SourceFacts> Reading::outcome(GstMessage* last) {
    const std::string name = file_.filename().string();
    std::string said;
    if (GST_MESSAGE_TYPE(last) == GST_MESSAGE_ERROR) {
        GError* raw = nullptr;
        gst_message_parse_error(last, &raw, nullptr);
        said = Owned<GError>(raw)->message;
    }
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    if (!has_video_ && !other_video_.empty()) {
        return fail(Code::unsupported,
                    name + " has " + other_video_ + ", which is not taken: H.264 or H.265 is");
    }
    if (!has_video_ && facts_.container.empty()) {
        return fail(Code::unsupported, name + " is no MPEG-TS, MP4 or MOV");
    }
    if (facts_.frames == 0) {
        return fail(Code::malformed, name + " is " + facts_.container +
                                         ", but no frame of H.264 or H.265 can be read" +
                                         (said.empty() ? "; is it cut off?" : ": " + said));
    }
    facts_.damage = said.empty() ? shortness() : said;
    return facts_;
}

/// What klvtsfilter counts: packets without PTS get the middle between the frames that they stand between.
void Reading::note_klv(GstMessage* message) {
    const GstStructure* said = gst_message_get_structure(message);
    const GValue* streams =
        gst_structure_has_name(said, "klv-streams") ? gst_structure_get_value(said, "streams") : nullptr;
    guint64 all = 0;
    guint64 all_without = 0;
    for (guint i = 0; streams && i < gst_value_array_get_size(streams); ++i) {
        const GstStructure* stream = gst_value_get_structure(gst_value_array_get_value(streams, i));
        guint64 packets = 0;
        guint64 without = 0;
        gst_structure_get(stream, "packets", G_TYPE_UINT64, &packets, "without-pts", G_TYPE_UINT64, &without,
                          nullptr);
        all += packets;
        all_without += without;
    }
    if (streams) {
        facts_.klv_has_pts = all_without * 2 <= all;
    }
}

/// An MP4 says how long it is; what its end lacks is told by nobody else.
std::string Reading::shortness() const {
    gint64 declared = 0;
    const bool known =
        facts_.container == "MP4" && gst_element_query_duration(pipeline_.get(), GST_FORMAT_TIME, &declared);
    const double lasts_s = static_cast<double>(known ? declared : 0) / 1e9;
    const double there_s = static_cast<double>(newest_ - oldest_) / 90'000;
    char text[120] = "";
    if (lasts_s - there_s > kCutOffSeconds) {
        std::snprintf(text, sizeof(text), "it says that it lasts %.1f s, but %.1f s are in it", lasts_s,
                      there_s);
    }
    return text;
}

/// A demuxer that finds no stream has nobody who could tell the bus of the end, so this does once all has
/// been pushed.
GstPadProbeReturn tell_end(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    auto* pipeline = static_cast<GstElement*>(data);
    if (GST_EVENT_TYPE(event) != GST_EVENT_EOS) {
        return GST_PAD_PROBE_OK;
    }
    const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(pad));
    if (peer) {
        gst_pad_send_event(peer.get(), gst_event_ref(event));
    }
    gst_element_post_message(
        pipeline, gst_message_new_application(GST_OBJECT(pipeline), gst_structure_new_empty("all-pushed")));
    return GST_PAD_PROBE_DROP;
}

Result<SourceFacts> Reading::run() {
    std::error_code error;
    const auto size = std::filesystem::file_size(file_, error);
    if (error) {
        return fail(Code::not_found, file_.string() + " cannot be read: " + error.message());
    }
    if (size == 0) {
        return fail(Code::malformed, file_.filename().string() + " is empty");
    }
    GstElement* source = add("filesrc");
    GstElement* typefind = add("typefind");
    if (!source || !typefind) {
        return tl::unexpected(*failure_);
    }
    g_object_set(source, "location", file_.c_str(), nullptr);
    gst_element_link(source, typefind);
    const auto on_type = [](GstElement* element, guint, GstCaps* caps, gpointer data) {
        static_cast<Reading*>(data)->route_container(element, caps);
    };
    g_signal_connect(typefind, "have-type", G_CALLBACK(+on_type), this);
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(typefind, "src"));
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, tell_end, pipeline_.get(), nullptr);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    const auto wanted =
        static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS | GST_MESSAGE_APPLICATION |
                                    GST_MESSAGE_TAG | GST_MESSAGE_ELEMENT);
    while (true) {
        const auto message =
            Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus.get(), GST_CLOCK_TIME_NONE, wanted));
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_TAG) {
            note_tags(message.get());
            continue;
        }
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ELEMENT) {
            note_klv(message.get());
            continue;
        }
        return outcome(message.get());
    }
}

} // namespace

Result<SourceFacts> read_video(const std::filesystem::path& file, const SourceReaders& readers) {
    return Reading(file, readers).run();
}

} // namespace masthead::recording_tool
