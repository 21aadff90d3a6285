#include "plugins/elements/reference_time.hpp"

namespace masthead {

namespace {

constexpr std::int64_t kNtpToUnixSeconds = 2'208'988'800;

/// Reference times are nanoseconds since the epoch that their caps name.
std::optional<std::int64_t> epoch_offset_us(const GstCaps* reference) {
    const GstStructure* structure = gst_caps_get_structure(reference, 0);
    if (gst_structure_has_name(structure, "timestamp/x-unix")) {
        return 0;
    }
    if (gst_structure_has_name(structure, "timestamp/x-ntp")) {
        return kNtpToUnixSeconds * 1'000'000;
    }
    return std::nullopt;
}

} // namespace

std::optional<Utc> reference_time_of(GstBuffer* buffer) {
    gpointer state = nullptr;
    while (GstMeta* meta =
               gst_buffer_iterate_meta_filtered(buffer, &state, GST_REFERENCE_TIMESTAMP_META_API_TYPE)) {
        const auto* reference = reinterpret_cast<GstReferenceTimestampMeta*>(meta);
        const auto offset_us = epoch_offset_us(reference->reference);
        if (offset_us && GST_CLOCK_TIME_IS_VALID(reference->timestamp)) {
            return Utc{static_cast<std::int64_t>(reference->timestamp / 1000) - *offset_us};
        }
    }
    return std::nullopt;
}

} // namespace masthead
