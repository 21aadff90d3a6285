// explain and graph: what a recipe becomes, as gst-launch text and as a drawing for Graphviz.
#include "plugins/glib/bin.hpp"
#include "plugins/glib/properties.hpp"
#include "plugins/glib/ref.hpp"
#include "server/pipeline/commands.hpp"

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

Result<worker::CameraPipeline> made(const Arguments& arguments) {
    const auto recipe = recipe_of(arguments.paths.front(), arguments, true);
    return recipe ? checked_pipeline(*recipe, {}) : tl::unexpected(recipe.error());
}

} // namespace

std::string launch_text(const worker::CameraPipeline& made) {
    std::string elements;
    std::string links;
    for (const auto& element : children_of(GST_BIN(made.pipeline.get()))) {
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
    // The source's pads come with its streams.
    return "gst-launch-1.0 \\\n" + elements + links + "    source.video ! video-in.sink\n";
}

int explain(const Arguments& arguments) {
    const auto camera = made(arguments);
    if (!camera) {
        std::fprintf(stderr, "%s\n", camera.error().message.c_str());
        return kFailed;
    }
    std::fputs(launch_text(*camera).c_str(), stdout);
    return kGood;
}

int graph(const Arguments& arguments) {
    const auto camera = made(arguments);
    if (!camera) {
        std::fprintf(stderr, "%s\n", camera.error().message.c_str());
        return kFailed;
    }
    std::fputs(
        take_string(gst_debug_bin_to_dot_data(GST_BIN(camera->pipeline.get()), GST_DEBUG_GRAPH_SHOW_ALL))
            .c_str(),
        stdout);
    return kGood;
}

} // namespace masthead::pipeline
