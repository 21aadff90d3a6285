#include "plugins/glib/properties.hpp"

namespace masthead {

std::vector<GParamSpec*> properties_of(GObject* object) {
    guint count = 0;
    GParamSpec** const specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &count);
    std::vector<GParamSpec*> list(specs, specs + count);
    g_free(specs);
    return list;
}

std::string string_of(const GValue* value) {
    const gchar* text = g_value_get_string(value);
    return text ? text : "";
}

} // namespace masthead
