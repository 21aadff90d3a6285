#include "server/worker/camera_pipeline.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/signal.hpp"
#include "plugins/klv/local_set.hpp"
#include "server/worker/rendition_launch.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <array>
#include <string_view>

namespace masthead::worker {

namespace {

using std::chrono::microseconds;

constexpr const char* kKlvCaps = "meta/x-klv, parsed=(boolean)true";
constexpr microseconds kFrameTelemetryInterval{100'000};
constexpr std::size_t kTimeItemOnly = 1;

microseconds monotonic_now() { return microseconds(g_get_monotonic_time()); }

/// Puts elements into a pipeline and keeps the first thing that goes wrong.
class Builder {
  public:
    explicit Builder(GstElement* pipeline) : bin_(GST_BIN(pipeline)) {}

    /// A borrow from the pipeline, or nullptr.
    GstElement* add(const char* factory, const char* name) {
        auto element = Ref<GstElement>::sink(gst_element_factory_make(factory, name));
        if (!element) {
            broken(Code::unavailable, std::string("the GStreamer element '") + factory +
                                          "' is not installed (is Masthead's plugin in GST_PLUGIN_PATH?)");
            return nullptr;
        }
        gst_bin_add(bin_, element.get());
        return element.get();
    }

    /// Keeps `error` unless something went wrong before.
    void check(const Result<std::string>& result) {
        if (!result) {
            broken(result.error().code, result.error().message);
        }
    }

    void set(GstElement* element, const char* property, const std::string& value) {
        if (!element) {
            return;
        }
        const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), property);
        if (!spec) {
            broken(Code::internal, std::string("element '") + GST_OBJECT_NAME(element) +
                                       "' has no property '" + property + "'");
        } else if (spec->value_type == G_TYPE_STRING) { // as it is: no quoting rules apply
            g_object_set(element, property, value.c_str(), nullptr);
        } else {
            gst_util_set_object_arg(G_OBJECT(element), property, value.c_str());
        }
    }
    void set(GstElement* element, const char* property, int value) {
        set(element, property, std::to_string(value));
    }
    void set(GstElement* element, const char* property, bool value) {
        set(element, property, std::string(value ? "true" : "false"));
    }

    void link(GstElement* from, const char* from_pad, GstElement* to, const char* to_pad) {
        if (from && to && !gst_element_link_pads(from, from_pad, to, to_pad)) {
            broken(Code::internal, std::string("cannot link ") + GST_OBJECT_NAME(from) + '.' + from_pad +
                                       " to " + GST_OBJECT_NAME(to) + '.' + to_pad);
        }
    }

    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

  private:
    void broken(Code code, std::string message) {
        if (!error_) {
            error_ = Error{code, std::move(message)};
        }
    }
    GstBin* bin_; // borrowed from the caller
    std::optional<Error> error_;
};

bool is_file(const Recipe& recipe) { return recipe.ingest.uri.starts_with("file:"); }

/// Live streams never hold up their source: past two seconds (and what klvsync may wait) the oldest goes. A
/// file waits.
GstElement* add_queue(Builder& build, const char* name, const Recipe& recipe) {
    const std::int64_t most_ms = 2000 + recipe.telemetry.max_wait_ms;
    GstElement* queue = build.add("queue", name);
    build.set(queue, "leaky", std::string(is_file(recipe) ? "no" : "downstream"));
    build.set(queue, "max-size-time", std::to_string(most_ms * 1'000'000));
    build.set(queue, "max-size-buffers", 0);
    build.set(queue, "max-size-bytes", 0);
    return queue;
}

void set_launch_values(GstElement* source, const Launch& launch) {
    if (!source) {
        return;
    }
    const Owned<GstStructure> values(gst_structure_new_empty("values"));
    for (const LaunchElement& element : launch.elements) {
        const Owned<GstStructure> properties(gst_structure_new_empty("properties"));
        for (const LaunchProperty& property : element.properties) {
            if (property.set_later) {
                gst_structure_set(properties.get(), property.name.c_str(), G_TYPE_STRING,
                                  property.value.c_str(), nullptr);
            }
        }
        if (gst_structure_n_fields(properties.get()) > 0) {
            gst_structure_set(values.get(), element.name.c_str(), GST_TYPE_STRUCTURE, properties.get(),
                              nullptr);
        }
    }
    g_object_set(source, "launch-values", values.get(), nullptr);
}

void set_up_source(Builder& build, GstElement* source, const Recipe& recipe) {
    if (recipe.ingest.launch.empty()) {
        build.set(source, "uri", recipe.ingest.uri);
    } else {
        build.set(source, "launch", recipe.ingest.launch.text);
        set_launch_values(source, recipe.ingest.launch);
    }
    build.set(source, "latency", recipe.ingest.latency_ms);
    build.set(source, "reconnect", true);
}

void set_up_sync(Builder& build, GstElement* sync, const Recipe& recipe) {
    build.set(sync, "latency", recipe.telemetry.camera_latency_ms);
    build.set(sync, "max-wait", recipe.telemetry.max_wait_ms);
    build.set(sync, "max-age", recipe.telemetry.max_age_ms);
    build.set(sync, "time-system", recipe.telemetry.time_system);
    build.set(sync, "footprint", recipe.telemetry.footprint);
}

/// What vehiclesrc offers and nobody wants is swallowed, or its other pads would stall.
void swallow(GstElement* pipeline, GstPad* pad) {
    auto sink = Ref<GstElement>::sink(gst_element_factory_make("fakesink", nullptr));
    if (!sink) {
        return;
    }
    g_object_set(sink.get(), "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
    gst_bin_add(GST_BIN(pipeline), sink.get());
    gst_element_sync_state_with_parent(sink.get());
    const auto target = Ref<GstPad>::adopt(gst_element_get_static_pad(sink.get(), "sink"));
    gst_pad_link(pad, target.get());
}

/// A decoder that missed frames may give those it has in another order; an encoder would pass that on.
void drop_frames_out_of_order(GstElement* chain) {
    const auto decoder = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(chain), "decoder"));
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(decoder.get(), "src"));
    const auto in_order = [](GstPad*, GstPadProbeInfo* info, gpointer newest) {
        const GstClockTime pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
        auto& last = *static_cast<GstClockTime*>(newest);
        if (GST_CLOCK_TIME_IS_VALID(last) && pts <= last) {
            return GST_PAD_PROBE_DROP;
        }
        last = pts;
        return GST_PAD_PROBE_OK;
    };
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, in_order,
                      std::make_unique<GstClockTime>(GST_CLOCK_TIME_NONE).release(), [](gpointer newest) {
                          const std::unique_ptr<GstClockTime> owned(static_cast<GstClockTime*>(newest));
                      });
}

/// Between video-out and the viewers, once. Runs on a streaming thread, before the first frame.
void start_rendition(GstElement* pipeline, const Rendition& rendition, GstPad* camera) {
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(camera));
    const auto launch = rendition_launch(
        rendition, caps ? gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)) : "");
    GError* raw = nullptr;
    GstElement* chain = launch ? gst_parse_bin_from_description(launch->c_str(), TRUE, &raw) : nullptr;
    const Owned<GError> error(raw);
    if (!chain || error) {
        const std::string why = launch ? error->message : launch.error().message;
        GST_ELEMENT_ERROR(pipeline, STREAM, CODEC_NOT_FOUND,
                          ("rendition '%s': %s", rendition.name.c_str(), why.c_str()), (nullptr));
        return;
    }
    drop_frames_out_of_order(chain);
    gst_bin_add(GST_BIN(pipeline), chain);
    const auto from = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), "video-out"));
    const auto to = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), "viewers"));
    gst_element_link(chain, to.get());
    gst_element_sync_state_with_parent(chain);
    gst_element_link(from.get(), chain);
}

/// Links the source's pads as they appear; `klv_entry` is empty when embedded KLV is not wanted. Runs on a
/// streaming thread.
void link_source_pads(GstElement* source, GstElement* pipeline, GstElement* video_entry,
                      GstElement* klv_entry, const std::optional<Rendition>& rendition) {
    connect<GstPad*>(source, "pad-added", [pipeline, video_entry, klv_entry, rendition](GstPad* pad) {
        const std::string name = take_string(gst_pad_get_name(pad));
        if (name.starts_with("video") && rendition) {
            start_rendition(pipeline, *rendition, pad);
        }
        GstElement* entry = name.starts_with("video") ? video_entry
                            : name.starts_with("klv") ? klv_entry
                                                      : nullptr;
        const auto target = Ref<GstPad>::adopt(entry ? gst_element_get_static_pad(entry, "sink") : nullptr);
        if (!target || gst_pad_is_linked(target.get()) ||
            gst_pad_link(pad, target.get()) != GST_PAD_LINK_OK) {
            swallow(pipeline, pad);
        }
    });
}

void watch_embedded(GstElement* queue, const std::shared_ptr<EmbeddedItems>& items) {
    using Shared = std::shared_ptr<EmbeddedItems>;
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(queue, "src"));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            const BufferMap map(GST_PAD_PROBE_INFO_BUFFER(info));
            if (const auto packet = klv::parse(map.bytes())) {
                (*static_cast<Shared*>(data))->note(packet->set, monotonic_now(), utc_now());
            }
            return GST_PAD_PROBE_OK;
        },
        std::make_unique<Shared>(items).release(),
        [](gpointer data) { const std::unique_ptr<Shared> owned(static_cast<Shared*>(data)); });
}

/// The KLV roads into klvsync: from the link, from the stream, or from both through a funnel.
void build_klv_roads(Builder& build, const Recipe& recipe, GstElement* sync, CameraPipeline& camera,
                     GstElement*& klv_entry) {
    const TelemetrySource wanted = recipe.telemetry.source;
    GstElement* embedded = nullptr;
    GstElement* link = nullptr;
    if (wanted == TelemetrySource::embedded || wanted == TelemetrySource::both) {
        embedded = klv_entry = add_queue(build, "embedded-klv", recipe);
    }
    if (wanted == TelemetrySource::link || wanted == TelemetrySource::both) {
        link = build.add("appsrc", "link-klv");
        build.set(link, "caps", std::string(kKlvCaps));
        build.set(link, "format", std::string("time"));
        build.set(link, "is-live", true);
        build.set(link, "leaky-type", std::string("downstream"));
        build.set(link, "max-buffers", 256);
        build.set(link, "max-bytes", 0);
        camera.link_klv = Ref<GstElement>::share(link);
    }
    if (embedded && link) {
        watch_embedded(embedded, camera.items);
        GstElement* funnel = build.add("funnel", "klv");
        build.link(embedded, "src", funnel, "sink_%u");
        build.link(link, "src", funnel, "sink_%u");
        build.link(funnel, "src", sync, "klv_sink");
    } else if (embedded || link) {
        build.link(embedded ? embedded : link, "src", sync, "klv_sink");
    }
}

/// Reads what klvsync says about each frame; lives as long as the appsink.
struct FrameTelemetry {
    std::function<void(const Sample&)> say;
    microseconds next{0};

    void take(GstBuffer* buffer) {
        const microseconds now = monotonic_now();
        if (now < next) {
            return;
        }
        const BufferMap map(buffer);
        const auto packet = klv::parse(map.bytes());
        const auto time = packet ? packet->set.time() : std::nullopt;
        if (!time) {
            return;
        }
        next = now + kFrameTelemetryInterval;
        say(from_local_set(packet->set, klv::to_utc(*time, klv::TimeSystem::posix)));
    }
};

void watch_frames(GstElement* sink, std::function<void(const Sample&)> say) {
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink* from, gpointer data) {
        const auto sample = Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(from, 0));
        GstBuffer* buffer = sample ? gst_sample_get_buffer(sample.get()) : nullptr;
        if (buffer) {
            static_cast<FrameTelemetry*>(data)->take(buffer);
        }
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(
        GST_APP_SINK(sink), &callbacks,
        std::make_unique<FrameTelemetry>(FrameTelemetry{std::move(say)}).release(), [](gpointer data) {
            const std::unique_ptr<FrameTelemetry> owned(static_cast<FrameTelemetry*>(data));
        });
}

void build_outputs(Builder& build, const Recipe& recipe, CameraPipelineSettings settings, GstElement* sync,
                   CameraPipeline& camera) {
    GstElement* video_out = add_queue(build, "video-out", recipe);
    build.link(sync, "src", video_out, "sink");
    GstElement* sink = build.add(recipe.webrtc ? "viewersink" : "fakesink", "viewers");
    if (recipe.webrtc) {
        build.set(sink, "ice-addresses", settings.ice_addresses);
        camera.viewers = Ref<GstElement>::share(sink);
    }
    build.set(sink, "sync", is_file(recipe)); // live video is shown as it comes
    build.set(sink, "async", false);
    if (recipe.webrtc_rendition) { // linked when the camera's codec is known
        build.check(rendition_launch(*recipe.webrtc_rendition, "video/x-h264"));
    } else {
        build.link(video_out, "src", sink, "sink");
    }

    GstElement* klv_out = add_queue(build, "klv-out", recipe);
    GstElement* frames = build.add("appsink", "frames");
    build.set(frames, "sync", false);
    build.set(frames, "async", false);
    build.set(frames, "drop", true);
    build.set(frames, "max-buffers", 8);
    build.set(frames, "enable-last-sample", false);
    build.link(sync, "klv_src", klv_out, "sink");
    build.link(klv_out, "src", frames, "sink");
    if (frames) {
        watch_frames(frames, std::move(settings.frame_telemetry));
    }
}

} // namespace

Result<CameraPipeline> build_camera_pipeline(const Recipe& recipe, CameraPipelineSettings settings) {
    CameraPipeline camera;
    const std::string& time_system = recipe.telemetry.time_system;
    camera.items =
        std::make_shared<EmbeddedItems>(time_system == "misp"    ? std::optional(klv::TimeSystem::misp)
                                        : time_system == "posix" ? std::optional(klv::TimeSystem::posix)
                                                                 : std::nullopt);
    camera.pipeline = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    // A clock that a source brings along would go with its connection.
    const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
    gst_pipeline_use_clock(GST_PIPELINE(camera.pipeline.get()), clock.get());
    Builder build(camera.pipeline.get());
    GstElement* source = build.add("vehiclesrc", "source");
    set_up_source(build, source, recipe);
    GstElement* video_in = add_queue(build, "video-in", recipe);
    GstElement* sync = build.add("klvsync", "sync");
    set_up_sync(build, sync, recipe);
    build.link(video_in, "src", sync, "sink");
    GstElement* klv_entry = nullptr;
    build_klv_roads(build, recipe, sync, camera, klv_entry);
    build_outputs(build, recipe, std::move(settings), sync, camera);
    if (build.error()) {
        return tl::unexpected(*build.error());
    }
    link_source_pads(source, camera.pipeline.get(), video_in, klv_entry, recipe.webrtc_rendition);
    return camera;
}

void push_link_sample(const CameraPipeline& camera, const Sample& sample) {
    if (!camera.link_klv) {
        return;
    }
    klv::LocalSet set = to_local_set(sample, camera.items->system());
    camera.items->leave_to_camera(set, monotonic_now());
    const auto packet =
        set.items().size() > kTimeItemOnly ? klv::encode(set) : fail(Code::not_found, "no item of its own");
    if (packet) {
        // No PTS: it would only say when the sample reached us; klvsync matches by item 2.
        gst_app_src_push_buffer(GST_APP_SRC(camera.link_klv.get()), make_buffer(*packet).release());
    }
}

} // namespace masthead::worker
