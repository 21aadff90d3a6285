// explain and graph: what a recipe becomes, as gst-launch text and as a drawing for Graphviz.
#include "plugins/glib/bin.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/properties.hpp"
#include "plugins/glib/ref.hpp"
#include "server/pipeline/commands.hpp"
#include "server/worker/ts_output.hpp"

#include <gio/gio.h>

#include <cstdio>

namespace masthead::pipeline {

namespace {

/// "name=value " of each property that differs from its default and that gst-launch can take.
std::string properties_text(GstElement* element) {
    std::string text;
    for (GParamSpec* spec : properties_of(G_OBJECT(element))) {
        const bool usable = (spec->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE;
        if (!usable || std::string_view(spec->name) == "name" || std::string_view(spec->name) == "parent") {
            continue;
        }
        const Owned<GValue> value(g_new0(GValue, 1));
        g_value_init(value.get(), spec->value_type);
        g_object_get_property(G_OBJECT(element), spec->name, value.get());
        if (g_param_value_defaults(spec, value.get())) {
            continue;
        }
        const std::string written = take_string(gst_value_serialize(value.get()));
        if (!written.empty()) {
            text += std::string(" ") + spec->name + "=" + written;
        }
    }
    return text;
}

std::string pad_text(GstPad* pad) {
    const auto parent = Ref<GstElement>::adopt(gst_pad_get_parent_element(pad));
    return std::string(GST_OBJECT_NAME(parent.get())) + "." + GST_OBJECT_NAME(pad);
}

Result<std::vector<MadeCamera>> made(const Arguments& arguments) {
    return checked_cameras(recipes_of(arguments.paths.front(), arguments, true));
}

/// `last`: the line behind all others.
std::string launch_text(GstElement* pipeline, const std::string& last) {
    std::string elements;
    std::string links;
    for (const auto& element : children_of(GST_BIN(pipeline))) {
        elements.insert(0, std::string("    ") + GST_OBJECT_NAME(gst_element_get_factory(element.get())) +
                               " name=" + GST_OBJECT_NAME(element.get()) + properties_text(element.get()) +
                               " \\\n");
        for (const auto& pad : source_pads_of(element.get())) {
            const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(pad.get()));
            if (peer) {
                links.insert(0, "    " + pad_text(pad.get()) + " ! " + pad_text(peer.get()) + " \\\n");
            }
        }
    }
    std::string text = "gst-launch-1.0 \\\n" + elements + links + last;
    if (last.empty()) {
        text.replace(text.size() - 3, 3, "\n"); // nothing follows the last line
    }
    return text;
}

/// `dot` as Graphviz draws it.
Result<std::string> svg_of(const std::string& dot) {
    const char* words[] = {"dot", "-Tsvg", nullptr};
    GError* error = nullptr;
    const auto drawing = Ref<GSubprocess>::adopt(g_subprocess_newv(
        words, static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE),
        &error));
    if (!drawing) {
        return fail_from(error, "an SVG is drawn by dot, of the Debian package graphviz");
    }
    gchar* svg = nullptr;
    if (!g_subprocess_communicate_utf8(drawing.get(), dot.c_str(), nullptr, &svg, nullptr, &error)) {
        return fail_from(error, "dot");
    }
    std::string text = take_string(svg);
    if (!g_subprocess_get_successful(drawing.get())) {
        return fail(Code::unavailable, "dot could not draw the pipeline");
    }
    return text;
}

/// The pipeline behind a camera's that feeds `output`; checked_pipeline() has seen that it can be made.
Ref<GstElement> pipeline_of(const Restream& output) {
    const auto made = worker::build_ts_output(output);
    return made ? made->pipeline : Ref<GstElement>();
}

} // namespace

std::string launch_text(const std::vector<MadeCamera>& made) {
    std::string text;
    for (const auto& [name, camera] : made) {
        text += name.empty() ? "" : (text.empty() ? "" : "\n") + ("# camera '" + name + "'\n");
        // The source's pads come with its streams.
        text += launch_text(camera.pipeline.get(), "    source.video ! video-in.sink\n");
        for (const Restream& output : camera.restream) {
            const std::string from = output.rendition.empty() ? "restream" : "restream-" + output.rendition;
            text += "\n# output '" + output.name + "', to " + worker::shown(output) +
                    ": takes the frames of '" + from + "' from a key frame on\n";
            if (const auto pipeline = pipeline_of(output)) {
                text += launch_text(pipeline.get(), "");
            }
        }
    }
    return text;
}

int explain(const Arguments& arguments) {
    const auto cameras = made(arguments);
    if (!cameras) {
        std::fprintf(stderr, "%s\n", cameras.error().message.c_str());
        return kFailed;
    }
    std::fputs(launch_text(*cameras).c_str(), stdout);
    return kGood;
}

int graph(const Arguments& arguments) {
    const auto cameras = made(arguments);
    if (!cameras) {
        std::fprintf(stderr, "%s\n", cameras.error().message.c_str());
        return kFailed;
    }
    std::vector<Ref<GstElement>> parts;
    for (const auto& [name, camera] : *cameras) {
        parts.push_back(camera.pipeline);
        for (const Restream& output : camera.restream) {
            if (auto pipeline = pipeline_of(output)) {
                parts.push_back(std::move(pipeline));
            }
        }
    }
    Ref<GstElement> all = parts.front();
    if (parts.size() > 1) { // one drawing with all of them in it
        all = Ref<GstElement>::sink(gst_pipeline_new("camera"));
        for (const Ref<GstElement>& part : parts) {
            gst_bin_add(GST_BIN(all.get()), part.get());
        }
    }
    const std::string dot =
        take_string(gst_debug_bin_to_dot_data(GST_BIN(all.get()), GST_DEBUG_GRAPH_SHOW_ALL));
    const auto drawn = arguments.svg ? svg_of(dot) : dot;
    if (!drawn) {
        std::fprintf(stderr, "masthead-pipeline: %s\n", drawn.error().message.c_str());
        return kFailed;
    }
    std::fputs(drawn->c_str(), stdout);
    return kGood;
}

} // namespace masthead::pipeline
