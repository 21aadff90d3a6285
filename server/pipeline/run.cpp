// run: one recipe without server, database or viewers; what it does is said once a second.
#include "plugins/glib/ref.hpp"
#include "server/pipeline/commands.hpp"
#include "server/worker/restream_output.hpp"

#include <glib-unix.h>

#include <atomic>
#include <cstdio>

namespace masthead::pipeline {

namespace {

/// One camera of the file.
struct Running {
    std::string prefix; // of what is said of it
    GMainLoop* loop = nullptr;
    worker::CameraPipeline camera;
    std::string value_method = "none";
    std::string time_method = "none";
    std::vector<std::shared_ptr<worker::RestreamOutput>> outputs;
    guint64 frames = 0;
    std::atomic<guint64> sound = 0; // Opus packets
    bool failed = false;
};

std::string text_of(const GstStructure* said, const char* field) {
    const gchar* text = gst_structure_get_string(said, field);
    return text ? text : "";
}

void hear(Running& running, const GstStructure* said) {
    if (gst_structure_has_name(said, "klv-sync")) {
        running.time_method = text_of(said, "time-method");
        running.value_method = text_of(said, "value-method");
        return;
    }
    if (!gst_structure_has_name(said, "vehicle-source")) {
        return;
    }
    int width = 0;
    int height = 0;
    gboolean audio = FALSE;
    gst_structure_get_int(said, "width", &width);
    gst_structure_get_int(said, "height", &height);
    gst_structure_get_boolean(said, "audio", &audio);
    const std::string detail = text_of(said, "detail");
    std::printf("%scamera %s", running.prefix.c_str(), text_of(said, "state").c_str());
    if (width > 0) {
        std::printf(", %s %s %dx%d", text_of(said, "codec").c_str(), text_of(said, "profile").c_str(), width,
                    height);
    }
    std::printf("%s%s%s\n", audio ? ", sound" : "", detail.empty() ? "" : ": ", detail.c_str());
    std::fflush(stdout);
}

void count_sound(Running& running) {
    const auto tee =
        Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(running.camera.pipeline.get()), "sound"));
    const auto pad = Ref<GstPad>::adopt(tee ? gst_element_get_static_pad(tee.get(), "sink") : nullptr);
    const auto count = +[](GstPad*, GstPadProbeInfo*, gpointer to) {
        ++static_cast<Running*>(to)->sound;
        return GST_PAD_PROBE_OK;
    };
    if (pad) {
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, count, &running, nullptr);
    }
}

gboolean on_message(GstBus*, GstMessage* message, gpointer data) {
    auto& running = *static_cast<Running*>(data);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) {
        hear(running, gst_message_get_structure(message));
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError* raw = nullptr;
        gst_message_parse_error(message, &raw, nullptr);
        const Owned<GError> error(raw);
        std::fprintf(stderr, "%s%s: %s\n", running.prefix.c_str(), GST_OBJECT_NAME(GST_MESSAGE_SRC(message)),
                     error->message);
        if (!worker::is_of_sound(message)) {
            running.failed = true;
            g_main_loop_quit(running.loop);
        }
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        g_main_loop_quit(running.loop);
    }
    return G_SOURCE_CONTINUE;
}

gboolean print_figures(gpointer data) {
    auto& running = *static_cast<Running*>(data);
    const auto sync =
        Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(running.camera.pipeline.get()), "sync"));
    guint64 frames = 0;
    guint64 with_klv = 0;
    g_object_get(sync.get(), "frames", &frames, "frames-with-klv", &with_klv, nullptr);
    std::printf("%s%" G_GUINT64_FORMAT " frames/s, %" G_GUINT64_FORMAT " frames, %" G_GUINT64_FORMAT
                " with metadata; time by %s, values %s; %" G_GUINT64_FORMAT " packets of sound\n",
                running.prefix.c_str(), frames - running.frames, frames, with_klv,
                running.time_method.c_str(), running.value_method.c_str(), running.sound.load());
    std::fflush(stdout);
    running.frames = frames;
    return G_SOURCE_CONTINUE;
}

gboolean quit(gpointer loop) {
    g_main_loop_quit(static_cast<GMainLoop*>(loop));
    return G_SOURCE_REMOVE;
}

void start_outputs(Running& running, const Recipe& recipe, const worker::FrameTaps& taps) {
    const std::string& prefix = running.prefix;
    for (const Restream& output : recipe.restream) {
        std::printf("%soutput %s: %s\n", prefix.c_str(), output.name.c_str(), worker::shown(output).c_str());
        const auto changed = [&running, index = running.outputs.size()] {
            const auto& one = *running.outputs[index];
            std::printf("%soutput %s: %s\n", running.prefix.c_str(), one.settings().name.c_str(),
                        one.trouble().empty() ? "goes well again" : one.trouble().c_str());
            std::fflush(stdout);
        };
        running.outputs.push_back(std::make_shared<worker::RestreamOutput>(
            output, taps.at(output.rendition),
            worker::RestreamOutput::Events{.changed = changed, .recorded = {}}));
        running.outputs.back()->start();
    }
}

void start(Running& running, const Recipe& recipe, const worker::FrameTaps& taps) {
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(running.camera.pipeline.get()));
    gst_bus_add_watch(bus.get(), on_message, &running);
    g_timeout_add_seconds(1, print_figures, &running);
    count_sound(running);
    start_outputs(running, recipe, taps);
    gst_element_set_state(running.camera.pipeline.get(), GST_STATE_PLAYING);
}

void stop(Running& running) {
    std::size_t left = running.outputs.size();
    for (const auto& output : running.outputs) {
        output->stop([&] {
            if (--left == 0) {
                g_main_loop_quit(running.loop);
            }
        });
    }
    if (left > 0) {
        g_main_loop_run(running.loop);
    }
    gst_element_set_state(running.camera.pipeline.get(), GST_STATE_NULL);
    gst_bus_remove_watch(Ref<GstBus>::adopt(gst_element_get_bus(running.camera.pipeline.get())).get());
}

} // namespace

int run(const Arguments& arguments) {
    const auto recipes = recipes_of(arguments.paths.front(), arguments, false);
    if (!recipes) {
        std::fprintf(stderr, "%s\n", recipes.error().message.c_str());
        return kFailed;
    }
    const Owned<GMainLoop> loop(g_main_loop_new(nullptr, FALSE));
    std::vector<std::unique_ptr<Running>> cameras;
    std::vector<worker::FrameTaps> taps;
    for (const Recipe& recipe : *recipes) {
        taps.push_back(worker::taps_of(recipe));
        auto camera = checked_pipeline(recipe, {.ice_addresses = {},
                                                .ice_ports = {},
                                                .frame_telemetry = [](const Sample&) {},
                                                .taps = taps.back()});
        if (!camera) {
            std::fprintf(stderr, "%s\n", camera.error().message.c_str());
            return kFailed;
        }
        auto running = std::make_unique<Running>();
        running->prefix = recipe.camera.empty() ? "" : recipe.camera + ": ";
        running->loop = loop.get();
        running->camera = *std::move(camera);
        cameras.push_back(std::move(running));
    }
    g_unix_signal_add(SIGINT, quit, loop.get());
    g_unix_signal_add(SIGTERM, quit, loop.get());
    if (arguments.duration_s) {
        g_timeout_add_seconds(static_cast<guint>(*arguments.duration_s), quit, loop.get());
    }
    for (std::size_t i = 0; i < cameras.size(); ++i) {
        start(*cameras[i], (*recipes)[i], taps[i]);
    }
    g_main_loop_run(loop.get());
    bool failed = false;
    for (const auto& camera : cameras) {
        stop(*camera);
        failed = failed || camera->failed;
    }
    return failed ? kFailed : kGood;
}

} // namespace masthead::pipeline
