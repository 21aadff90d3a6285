#include "plugins/elements/launch_source.hpp"

#include "plugins/glib/error.hpp"

#include <array>

namespace masthead {

namespace {

constexpr std::array kEnds{"video", "klv", "audio"};

tl::unexpected<Error> bad(const std::string& what) { return fail(Code::invalid_argument, what); }

Result<void> set_value(GstBin* bin, const LaunchValue& value) {
    const auto element = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, value.element.c_str()));
    const GParamSpec* spec =
        element ? g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), value.property.c_str())
                : nullptr;
    const std::string where = "property '" + value.property + "' of element '" + value.element + "'";
    if (!spec) {
        return bad("there is no " + where);
    }
    if (spec->value_type == G_TYPE_STRING) { // as it is: no quoting rules apply
        g_object_set(element.get(), value.property.c_str(), value.value.c_str(), nullptr);
        return {};
    }
    Owned<GValue> converted(g_new0(GValue, 1));
    g_value_init(converted.get(), spec->value_type);
    const bool plain = G_TYPE_IS_FUNDAMENTAL(spec->value_type) || G_TYPE_IS_ENUM(spec->value_type) ||
                       G_TYPE_IS_FLAGS(spec->value_type);
    if (!plain || !gst_value_deserialize(converted.get(), value.value.c_str()) ||
        g_param_value_validate(const_cast<GParamSpec*>(spec), converted.get())) {
        return bad(where + " does not take '" + value.value + "'");
    }
    g_object_set_property(G_OBJECT(element.get()), value.property.c_str(), converted.get());
    return {};
}

} // namespace

Result<std::vector<Ref<GstPad>>> add_launch_source(GstElement* pipeline, const SourceUri& uri) {
    GError* error = nullptr;
    auto bin = Ref<GstElement>::sink(gst_parse_bin_from_description_full(
        uri.text.c_str(), FALSE, nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
    if (!bin || error) {
        return bad(fail_from(error, "the launch fragment").value().message);
    }
    for (const LaunchValue& value : uri.values) {
        if (auto set = set_value(GST_BIN(bin.get()), value); !set) {
            return tl::unexpected(set.error());
        }
    }
    std::vector<Ref<GstPad>> ends;
    for (const char* name : kEnds) {
        const auto element = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), name));
        const auto pad =
            Ref<GstPad>::adopt(element ? gst_element_get_static_pad(element.get(), "src") : nullptr);
        if (pad && !gst_pad_is_linked(pad.get())) {
            GstPad* ghost = gst_ghost_pad_new(name, pad.get());
            gst_element_add_pad(bin.get(), ghost);
            ends.push_back(Ref<GstPad>::share(ghost));
        }
    }
    if (ends.empty()) {
        return bad("the launch fragment has no end: name its last element video, klv or audio");
    }
    gst_bin_add(GST_BIN(pipeline), bin.get());
    return ends;
}

} // namespace masthead
