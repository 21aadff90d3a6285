#include "server/worker/launch_check.hpp"

#include "plugins/bytes/similar.hpp"
#include "plugins/glib/properties.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <set>

namespace masthead::worker {

namespace {

std::vector<std::string> names_of_all_elements() {
    std::vector<std::string> names;
    GList* all = gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_ANY, GST_RANK_NONE);
    for (GList* at = all; at; at = at->next) {
        names.emplace_back(GST_OBJECT_NAME(at->data));
    }
    gst_plugin_feature_list_free(all);
    return names;
}

std::vector<std::string> names_of_properties(GObject* object) {
    std::vector<std::string> names;
    for (const GParamSpec* spec : properties_of(object)) {
        names.emplace_back(spec->name);
    }
    return names;
}

/// The words of an enumeration or of flags, each after a space.
template <typename Class>
std::string words_of(GType type) {
    auto* known = static_cast<Class*>(g_type_class_ref(type));
    std::string words;
    for (guint i = 0; i < known->n_values; ++i) {
        words += std::string(" ") + known->values[i].value_nick;
    }
    g_type_class_unref(known);
    return words;
}

template <typename Spec>
std::string range_text(const GParamSpec* spec) {
    const auto* range = reinterpret_cast<const Spec*>(spec);
    return " from " + std::to_string(range->minimum) + " to " + std::to_string(range->maximum);
}

/// "a whole number from 0 to 100", "one of none fast slow" ...
std::string rule_of(const GParamSpec* spec) {
    if (G_IS_PARAM_SPEC_INT(spec)) {
        return "a whole number" + range_text<GParamSpecInt>(spec);
    }
    if (G_IS_PARAM_SPEC_UINT(spec)) {
        return "a whole number" + range_text<GParamSpecUInt>(spec);
    }
    if (G_IS_PARAM_SPEC_INT64(spec)) {
        return "a whole number" + range_text<GParamSpecInt64>(spec);
    }
    if (G_IS_PARAM_SPEC_UINT64(spec)) {
        return "a whole number" + range_text<GParamSpecUInt64>(spec);
    }
    if (G_IS_PARAM_SPEC_DOUBLE(spec)) {
        return "a number" + range_text<GParamSpecDouble>(spec);
    }
    if (G_IS_PARAM_SPEC_BOOLEAN(spec)) {
        return "true or false";
    }
    if (G_IS_PARAM_SPEC_ENUM(spec)) {
        return "one of" + words_of<GEnumClass>(spec->value_type);
    }
    if (G_IS_PARAM_SPEC_FLAGS(spec)) {
        return "one or, joined by +, several of" + words_of<GFlagsClass>(spec->value_type);
    }
    return std::string("a value of type ") + g_type_name(spec->value_type);
}

template <typename Spec>
bool within(const GParamSpec* spec, double number) {
    const auto* range = reinterpret_cast<const Spec*>(spec);
    return number >= static_cast<double>(range->minimum) && number <= static_cast<double>(range->maximum);
}

/// GStreamer itself cuts a number that is too long for its type, instead of refusing it.
bool fits(const GParamSpec* spec, const std::string& text) {
    const double number = g_ascii_strtod(text.c_str(), nullptr);
    return G_IS_PARAM_SPEC_INT(spec)      ? within<GParamSpecInt>(spec, number)
           : G_IS_PARAM_SPEC_UINT(spec)   ? within<GParamSpecUInt>(spec, number)
           : G_IS_PARAM_SPEC_INT64(spec)  ? within<GParamSpecInt64>(spec, number)
           : G_IS_PARAM_SPEC_UINT64(spec) ? within<GParamSpecUInt64>(spec, number)
                                          : true;
}

class Check {
  public:
    explicit Check(const Launch& launch) : launch_(launch) {}

    Result<void> run() {
        std::set<std::string> names;
        for (const LaunchElement& element : launch_.elements) {
            if (!names.insert(element.name).second) {
                return bad(element.place, "two elements are named '" + element.name + "'");
            }
            if (auto good = check_element(element); !good) {
                return good;
            }
        }
        for (const LaunchCaps& caps : launch_.caps) {
            const auto read = Ref<GstCaps>::adopt(gst_caps_from_string(caps.text.c_str()));
            if (!read) {
                return bad(caps.place, "'" + caps.text + "' are no caps; video/x-raw,width=640 would be");
            }
        }
        return check_links();
    }

  private:
    [[nodiscard]] tl::unexpected<Error> bad(Place place, const std::string& message) const {
        return fail(Code::invalid_argument, launch_.message_at(place, message));
    }

    Result<void> check_element(const LaunchElement& element) {
        const auto made = Ref<GstElement>::sink(gst_element_factory_make(element.factory.c_str(), nullptr));
        if (!made) {
            return fail(Code::unavailable,
                        launch_.message_at(element.place,
                                           "there is no element '" + element.factory + "'" +
                                               did_you_mean(element.factory, names_of_all_elements())));
        }
        for (const LaunchProperty& property : element.properties) {
            if (property.name != "name") {
                if (auto good = check_property(made.get(), element, property); !good) {
                    return good;
                }
            }
        }
        return {};
    }

    Result<void> check_property(GstElement* made, const LaunchElement& element,
                                const LaunchProperty& property) const {
        GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(made), property.name.c_str());
        const std::string what = "property '" + property.name + "' of '" + element.factory + "'";
        if (!spec) {
            return bad(property.place, "'" + element.factory + "' has no property '" + property.name + "'" +
                                           did_you_mean(property.name, names_of_properties(G_OBJECT(made))));
        }
        if (!(spec->flags & G_PARAM_WRITABLE)) {
            return bad(property.place, what + " can only be read");
        }
        const bool plain = G_TYPE_IS_FUNDAMENTAL(spec->value_type) || G_TYPE_IS_ENUM(spec->value_type) ||
                           G_TYPE_IS_FLAGS(spec->value_type);
        if (spec->value_type == G_TYPE_STRING || (!plain && !property.set_later)) {
            return {}; // what is not plain, gst-launch itself reads in check_links()
        }
        if (!plain) {
            return bad(property.place, what + " takes no parameter: it is no plain value");
        }
        const Owned<GValue> value(g_new0(GValue, 1));
        g_value_init(value.get(), spec->value_type);
        if (!fits(spec, property.value) || !gst_value_deserialize(value.get(), property.value.c_str()) ||
            g_param_value_validate(spec, value.get())) {
            return bad(property.place, what + " is " + rule_of(spec) + ", not '" + property.value + "'");
        }
        return {};
    }

    /// The whole as gst-launch would make it.
    Result<void> check_links() const {
        GError* raw = nullptr;
        const auto bin = Ref<GstElement>::sink(gst_parse_bin_from_description_full(
            launch_.text.c_str(), FALSE, nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw));
        const Owned<GError> error(raw);
        if (!error) {
            return check_ends(GST_BIN(bin.get()));
        }
        // GStreamer tells elements by name; the one named first is where people begin to look.
        const std::string message = error->message;
        const LaunchElement* first = nullptr;
        std::size_t first_at = std::string::npos;
        for (const LaunchElement& element : launch_.elements) {
            const std::size_t at = message.find(element.name);
            if (at < first_at) {
                first = &element;
                first_at = at;
            }
        }
        return bad(first ? first->place : launch_.elements.front().place, message);
    }

    /// A demuxer's pads come with its streams: what stands behind it is linked then.
    [[nodiscard]] bool is_linked_later(GstBin* bin, const LaunchElement& element) const {
        if (&element == &launch_.elements.front()) {
            return false;
        }
        const LaunchElement& before =
            *std::prev(launch_.elements.begin() + (&element - launch_.elements.data()));
        const auto made = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, before.name.c_str()));
        for (const GList* at = gst_element_get_pad_template_list(made.get()); at; at = at->next) {
            const GstPadTemplate* pad = GST_PAD_TEMPLATE(at->data);
            if (GST_PAD_TEMPLATE_DIRECTION(pad) == GST_PAD_SRC &&
                GST_PAD_TEMPLATE_PRESENCE(pad) == GST_PAD_SOMETIMES) {
                return true;
            }
        }
        return false;
    }

    /// Each pad leads somewhere, but for those of the ends, which must not.
    Result<void> check_ends(GstBin* bin) const {
        for (const LaunchElement& element : launch_.elements) {
            const bool is_end = std::ranges::find(kLaunchEnds, element.name) != std::end(kLaunchEnds);
            const auto made = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, element.name.c_str()));
            const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(made.get(), "src"));
            const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(made.get(), "sink"));
            if (is_end && (!src || gst_pad_is_linked(src.get()))) {
                return bad(element.place, "'" + element.name + "' is no end: " +
                                              (src ? "something follows it" : "it has no pad src"));
            }
            if (sink && !gst_pad_is_linked(sink.get()) && !is_linked_later(bin, element)) {
                return bad(element.place, "nothing leads to '" + element.factory + "'; is a '!' missing?");
            }
            if (!is_end && src && !gst_pad_is_linked(src.get())) {
                return bad(element.place, "'" + element.factory + "' leads nowhere; is a '!' missing?");
            }
        }
        return {};
    }

    const Launch& launch_;
};

} // namespace

Result<void> check_launch(const Launch& launch) { return Check(launch).run(); }

} // namespace masthead::worker
