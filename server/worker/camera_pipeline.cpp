#include "server/worker/camera_pipeline.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/signal.hpp"
#include "plugins/klv/local_set.hpp"
#include "server/worker/camera_outputs.hpp"
#include "server/worker/sound.hpp"

#include <gst/app/gstappsrc.h>

namespace masthead::worker {

namespace {

using std::chrono::microseconds;

constexpr const char* kKlvCaps = "meta/x-klv, parsed=(boolean)true";
constexpr std::size_t kTimeItemOnly = 1;

microseconds monotonic_now() { return microseconds(g_get_monotonic_time()); }

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
    build.set(source, "audio", wants_sound(recipe));
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

/// Links the source's pads as they appear; `klv_entry` is empty when embedded KLV is not wanted. Runs on a
/// streaming thread.
void link_source_pads(GstElement* source, GstElement* pipeline, GstElement* video_entry,
                      GstElement* klv_entry, const std::vector<Rendition>& renditions) {
    connect<GstPad*>(source, "pad-added", [pipeline, video_entry, klv_entry, renditions](GstPad* pad) {
        const std::string name = take_string(gst_pad_get_name(pad));
        if (name.starts_with("video")) {
            start_renditions(pipeline, renditions, pad);
        } else if (name.starts_with("audio") && start_sound(pipeline, pad)) {
            return;
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

} // namespace

Result<CameraPipeline> build_camera_pipeline(const Recipe& recipe, CameraPipelineSettings settings) {
    CameraPipeline camera;
    camera.restream = recipe.restream;
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
    build.set(source, "ice-addresses", settings.ice_addresses);
    build.set(source, "ice-ports", settings.ice_ports);
    camera.source = Ref<GstElement>::share(source);
    GstElement* video_in = add_queue(build, "video-in", recipe);
    GstElement* sync = build.add("klvsync", "sync");
    set_up_sync(build, sync, recipe);
    build.link(video_in, "src", sync, "sink");
    GstElement* klv_entry = nullptr;
    build_klv_roads(build, recipe, sync, camera, klv_entry);
    build_outputs(build, recipe, std::move(settings), sync, camera);
    build_sound(build, recipe, camera);
    if (build.error()) {
        return tl::unexpected(*build.error());
    }
    link_source_pads(source, camera.pipeline.get(), video_in, klv_entry, used_renditions(recipe));
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
