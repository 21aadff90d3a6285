#include "server/worker/pipeline_builder.hpp"

namespace masthead::worker {

GstElement* Builder::add(const char* factory, const std::string& name) {
    auto element = Ref<GstElement>::sink(gst_element_factory_make(factory, name.c_str()));
    if (!element) {
        broken(Code::unavailable, std::string("the GStreamer element '") + factory +
                                      "' is not installed (is Masthead's plugin in GST_PLUGIN_PATH?)");
        return nullptr;
    }
    gst_bin_add(bin_, element.get());
    return element.get();
}

void Builder::check(const Result<std::string>& result) {
    if (!result) {
        broken(result.error().code, result.error().message);
    }
}

void Builder::set(GstElement* element, const char* property, const std::string& value) {
    if (!element) {
        return;
    }
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), property);
    if (!spec) {
        broken(Code::internal,
               std::string("element '") + GST_OBJECT_NAME(element) + "' has no property '" + property + "'");
    } else if (spec->value_type == G_TYPE_STRING) { // as it is: no quoting rules apply
        g_object_set(element, property, value.c_str(), nullptr);
    } else {
        gst_util_set_object_arg(G_OBJECT(element), property, value.c_str());
    }
}

void Builder::set(GstElement* element, const char* property, int value) {
    set(element, property, std::to_string(value));
}

void Builder::set(GstElement* element, const char* property, bool value) {
    set(element, property, std::string(value ? "true" : "false"));
}

void Builder::link(GstElement* from, const char* from_pad, GstElement* to, const char* to_pad) {
    if (from && to && !gst_element_link_pads(from, from_pad, to, to_pad)) {
        broken(Code::internal, std::string("cannot link ") + GST_OBJECT_NAME(from) + '.' + from_pad + " to " +
                                   GST_OBJECT_NAME(to) + '.' + to_pad);
    }
}

void Builder::broken(Code code, std::string message) {
    if (!error_) {
        error_ = Error{code, std::move(message)};
    }
}

} // namespace masthead::worker
