#include "server/worker/camera_outputs.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/klv/local_set.hpp"
#include "server/worker/rendition_gate.hpp"
#include "server/worker/rendition_launch.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>

namespace masthead::worker {

namespace {

using std::chrono::microseconds;

constexpr microseconds kFrameTelemetryInterval{100'000};

microseconds monotonic_now() { return microseconds(g_get_monotonic_time()); }

bool is_file(const Recipe& recipe) { return recipe.ingest.uri.starts_with("file:"); }

/// What a rendition's encoder gets of what its decoder gives. A decoder that missed frames may give those it
/// has in another order; an encoder would pass that on.
struct DecodedFrames {
    std::shared_ptr<RenditionGate> gate;
    GstClockTime newest = GST_CLOCK_TIME_NONE;

    [[nodiscard]] bool take(GstClockTime pts) {
        if (gate->is_only_reference(pts) || (GST_CLOCK_TIME_IS_VALID(newest) && pts <= newest)) {
            return false;
        }
        newest = pts;
        return true;
    }
};

void choose_frames_to_encode(GstElement* chain, std::shared_ptr<RenditionGate> gate) {
    const auto decoder = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(chain), "decoder"));
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(decoder.get(), "src"));
    const auto choose = [](GstPad*, GstPadProbeInfo* info, gpointer frames) {
        const GstClockTime pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
        return static_cast<DecodedFrames*>(frames)->take(pts) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
    };
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, choose,
                      std::make_unique<DecodedFrames>(DecodedFrames{std::move(gate)}).release(),
                      [](gpointer frames) {
                          const std::unique_ptr<DecodedFrames> owned(static_cast<DecodedFrames*>(frames));
                      });
}

/// The queue before its decoder.
Ref<GstElement> entry_of(GstElement* pipeline, const Rendition& rendition) {
    return Ref<GstElement>::adopt(
        gst_bin_get_by_name(GST_BIN(pipeline), ("encode-" + rendition.name).c_str()));
}

std::shared_ptr<RenditionGate> gate_of(GstElement* entry) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(entry, "src"));
    return RenditionGate::of(pad.get());
}

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
    const auto from = entry_of(pipeline, rendition);
    choose_frames_to_encode(chain, gate_of(from.get()));
    gst_bin_add(GST_BIN(pipeline), chain);
    const auto to = Ref<GstElement>::adopt(
        gst_bin_get_by_name(GST_BIN(pipeline), ("rendition-" + rendition.name).c_str()));
    gst_element_link(chain, to.get());
    gst_element_sync_state_with_parent(chain);
    gst_element_link(from.get(), chain);
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

/// One sink of encoded frames: live video is shown as it comes, a file at its own pace.
GstElement* add_sink(Builder& build, const char* factory, const std::string& name, const Recipe& recipe) {
    GstElement* sink = build.add(factory, name);
    build.set(sink, "sync", is_file(recipe));
    build.set(sink, "async", false);
    return sink;
}

GstElement* add_appsink(Builder& build, const std::string& name, const Recipe& recipe) {
    GstElement* sink = add_sink(build, "appsink", name, recipe);
    build.set(sink, "drop", true);
    build.set(sink, "max-buffers", 8);
    build.set(sink, "enable-last-sample", false);
    return sink;
}

/// What takes one encoding of the video behind `tee`; `rendition`: its name, empty for the camera's own.
void build_takers(Builder& build, const Recipe& recipe, const CameraPipelineSettings& settings,
                  const std::string& rendition, GstElement* tee, CameraPipeline& camera) {
    if (std::ranges::find(recipe.webrtc, rendition) != recipe.webrtc.end()) {
        GstElement* viewers =
            add_sink(build, "viewersink", rendition.empty() ? "viewers" : "viewers-" + rendition, recipe);
        build.set(viewers, "ice-addresses", settings.ice_addresses);
        build.set(viewers, "ice-ports", settings.ice_ports);
        build.set(viewers, "ice-tcp", settings.ice_tcp);
        build.link(tee, "src_%u", viewers, "sink");
        camera.viewers.emplace(rendition, Ref<GstElement>::share(viewers));
    }
    if (feeds_outputs(recipe, rendition)) {
        GstElement* tap =
            add_appsink(build, rendition.empty() ? "restream" : "restream-" + rendition, recipe);
        build.link(tee, "src_%u", tap, "sink");
        const auto fed = settings.taps.find(rendition);
        if (tap && fed != settings.taps.end()) {
            feed_tap(tap, fed->second);
        }
    }
}

} // namespace

GstElement* add_queue(Builder& build, const std::string& name, const Recipe& recipe) {
    const std::int64_t most_ms = 2000 + recipe.telemetry.max_wait_ms;
    GstElement* queue = build.add("queue", name);
    build.set(queue, "leaky", std::string(is_file(recipe) ? "no" : "downstream"));
    build.set(queue, "max-size-time", std::to_string(most_ms * 1'000'000));
    build.set(queue, "max-size-buffers", 0);
    build.set(queue, "max-size-bytes", 0);
    return queue;
}

std::vector<Rendition> used_renditions(const Recipe& recipe) {
    std::vector<Rendition> used;
    std::ranges::copy_if(recipe.renditions, std::back_inserter(used), [&](const Rendition& rendition) {
        return std::ranges::find(recipe.webrtc, rendition.name) != recipe.webrtc.end() ||
               feeds_outputs(recipe, rendition.name);
    });
    return used;
}

void build_outputs(Builder& build, const Recipe& recipe, CameraPipelineSettings settings, GstElement* sync,
                   CameraPipeline& camera) {
    GstElement* video_out = add_queue(build, "video-out", recipe);
    build.link(sync, "src", video_out, "sink");
    GstElement* own = build.add("tee", "video");
    build.set(own, "allow-not-linked", true);
    build.link(video_out, "src", own, "sink");
    build_takers(build, recipe, settings, "", own, camera);
    for (const Rendition& rendition : used_renditions(recipe)) {
        GstElement* entry = add_queue(build, "encode-" + rendition.name, recipe);
        build.link(own, "src_%u", entry, "sink");
        build.check(rendition_launch(rendition, "video/x-h264")); // linked when the camera's codec is known
        GstElement* tee = build.add("tee", "rendition-" + rendition.name);
        build_takers(build, recipe, settings, rendition.name, tee, camera);
    }

    GstElement* klv_out = add_queue(build, "klv-out", recipe);
    GstElement* frames = add_appsink(build, "frames", recipe);
    build.set(frames, "sync", false);
    build.link(sync, "klv_src", klv_out, "sink");
    build.link(klv_out, "src", frames, "sink");
    if (frames) {
        watch_frames(frames, std::move(settings.frame_telemetry));
    }
}

void gate_renditions(const Recipe& recipe, CameraPipeline& camera) {
    for (const Rendition& rendition : used_renditions(recipe)) {
        if (!feeds_outputs(recipe, rendition.name)) { // those take each frame
            camera.gates.emplace(rendition.name, gate_of(entry_of(camera.pipeline.get(), rendition).get()));
        }
    }
}

void start_renditions(GstElement* pipeline, const std::vector<Rendition>& renditions, GstPad* camera) {
    for (const Rendition& rendition : renditions) {
        start_rendition(pipeline, rendition, camera);
    }
}

} // namespace masthead::worker
