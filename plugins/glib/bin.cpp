#include "plugins/glib/bin.hpp"

namespace masthead {

namespace {

template <typename T>
std::vector<Ref<T>> list_of(GstIterator* iterator) {
    std::vector<Ref<T>> list;
    GValue item = G_VALUE_INIT;
    bool done = false;
    while (!done) {
        switch (gst_iterator_next(iterator, &item)) {
        case GST_ITERATOR_OK:
            list.push_back(Ref<T>::share(static_cast<T*>(g_value_get_object(&item))));
            g_value_unset(&item);
            break;
        case GST_ITERATOR_RESYNC: // it changed meanwhile
            list.clear();
            gst_iterator_resync(iterator);
            break;
        default: done = true; break;
        }
    }
    gst_iterator_free(iterator);
    return list;
}

} // namespace

std::vector<Ref<GstElement>> children_of(GstBin* bin) {
    return list_of<GstElement>(gst_bin_iterate_sorted(bin));
}

std::vector<Ref<GstElement>> made_by(const char* factory_name, GstElement* bin) {
    return list_of<GstElement>(gst_bin_iterate_all_by_element_factory_name(GST_BIN(bin), factory_name));
}

std::vector<Ref<GstPad>> source_pads_of(GstElement* element) {
    return list_of<GstPad>(gst_element_iterate_src_pads(element));
}

std::vector<Ref<GstPad>> sink_pads_of(GstElement* element) {
    return list_of<GstPad>(gst_element_iterate_sink_pads(element));
}

} // namespace masthead
