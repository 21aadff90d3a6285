// MastheadFrameMeta: a video frame's capture time and the ST 0601 packet that was true at it. Lives in the
// shared library libmastheadmeta, so that programs beside the plugin can read it. Copied with its buffer,
// kept through payloading and parsing where the elements copy metas (it has no tags).
#pragma once

#include <gst/gst.h>

#include <cstdint>

G_BEGIN_DECLS

typedef enum {
    MASTHEAD_TIME_METHOD_NONE = 0,
    MASTHEAD_TIME_METHOD_SEI = 1,
    MASTHEAD_TIME_METHOD_RTCP = 2,
    MASTHEAD_TIME_METHOD_KLV = 3,
    MASTHEAD_TIME_METHOD_ARRIVAL = 4
} MastheadTimeMethod;

/// Members mean what the fields of schema/frame_message.json with the same names mean.
typedef struct {
    GstMeta meta;
    GBytes* klv; // whole ST 0601 packet, or nullptr: this frame has no metadata
    guint8 time_method;
    guint8 value_method;
    guint8 flags;
    guint64 utc_us;
    guint32 time_error_us;
    guint32 age_ms;
    gfloat position_error_m;
    gfloat altitude_error_m;
    gfloat angle_error_deg;
    gfloat speed_error_mps;
} MastheadFrameMeta;

GType masthead_frame_meta_api_get_type(void);
const GstMetaInfo* masthead_frame_meta_get_info(void);

/// Adds an empty meta to a writable buffer. The buffer owns it; `klv` set by the caller is a reference that
/// the meta unrefs.
MastheadFrameMeta* masthead_buffer_add_frame_meta(GstBuffer* buffer);
/// The buffer's meta or nullptr; borrowed from the buffer.
MastheadFrameMeta* masthead_buffer_get_frame_meta(GstBuffer* buffer);

G_END_DECLS
