#include "plugins/elements/meta/frame_meta.hpp"

namespace {

gboolean init(GstMeta* meta, gpointer, GstBuffer*) {
    auto* frame = reinterpret_cast<MastheadFrameMeta*>(meta);
    const GstMeta header = frame->meta;
    *frame = {};
    frame->meta = header;
    return TRUE;
}

void free_klv(GstMeta* meta, GstBuffer*) {
    auto* frame = reinterpret_cast<MastheadFrameMeta*>(meta);
    g_clear_pointer(&frame->klv, g_bytes_unref);
}

gboolean transform(GstBuffer* target, GstMeta* meta, GstBuffer*, GQuark type, gpointer) {
    if (!GST_META_TRANSFORM_IS_COPY(type)) {
        return FALSE;
    }
    const auto* from = reinterpret_cast<const MastheadFrameMeta*>(meta);
    MastheadFrameMeta* to = masthead_buffer_add_frame_meta(target);
    const GstMeta header = to->meta;
    *to = *from;
    to->meta = header;
    if (to->klv) {
        g_bytes_ref(to->klv);
    }
    return TRUE;
}

} // namespace

GType masthead_frame_meta_api_get_type(void) {
    static const GType type = [] {
        static const gchar* tags[] = {nullptr};
        return gst_meta_api_type_register("MastheadFrameMetaAPI", tags);
    }();
    return type;
}

const GstMetaInfo* masthead_frame_meta_get_info(void) {
    static const GstMetaInfo* info =
        gst_meta_register(masthead_frame_meta_api_get_type(), "MastheadFrameMeta", sizeof(MastheadFrameMeta),
                          init, free_klv, transform);
    return info;
}

MastheadFrameMeta* masthead_buffer_add_frame_meta(GstBuffer* buffer) {
    return reinterpret_cast<MastheadFrameMeta*>(
        gst_buffer_add_meta(buffer, masthead_frame_meta_get_info(), nullptr));
}

MastheadFrameMeta* masthead_buffer_get_frame_meta(GstBuffer* buffer) {
    return reinterpret_cast<MastheadFrameMeta*>(
        gst_buffer_get_meta(buffer, masthead_frame_meta_api_get_type()));
}
