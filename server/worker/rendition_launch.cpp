#include "server/worker/rendition_launch.hpp"

#include "plugins/bytes/join.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/gst.h>

#include <algorithm>

namespace masthead::worker {

namespace {

/// An encoder's own words for: no delay, no B-frames, this bit rate, this GOP.
struct Encoder {
    std::string_view name;
    std::string (*properties)(int bitrate_kbps, int gop);
};

constexpr Encoder kEncoders[] = {
    {"x264enc",
     [](int bitrate_kbps, int gop) {
         return " tune=zerolatency speed-preset=superfast bframes=0 bitrate=" + std::to_string(bitrate_kbps) +
                " key-int-max=" + std::to_string(gop);
     }},
    {"openh264enc",
     [](int bitrate_kbps, int gop) {
         return " complexity=low rate-control=bitrate bitrate=" + std::to_string(bitrate_kbps * 1000) +
                " gop-size=" + std::to_string(gop);
     }},
    {"vah264enc",
     [](int bitrate_kbps, int gop) {
         return " b-frames=0 rate-control=cbr bitrate=" + std::to_string(bitrate_kbps) +
                " key-int-max=" + std::to_string(gop);
     }},
};

/// Frame threads would hold back as many frames.
constexpr const char* kDecoderProperties = " name=decoder thread-type=slice max-threads=2";

struct Decoder {
    std::string_view media;
    const char* name;
};
constexpr Decoder kDecoders[] = {{"video/x-h264", "avdec_h264"}, {"video/x-h265", "avdec_h265"}};

bool is_installed(std::string_view element) {
    return static_cast<bool>(
        Ref<GstElementFactory>::adopt(gst_element_factory_find(std::string(element).c_str())));
}

std::string size_caps(const Rendition& rendition) {
    std::string caps = "video/x-raw,pixel-aspect-ratio=1/1";
    caps += rendition.width > 0 ? ",width=" + std::to_string(rendition.width) : "";
    caps += rendition.height > 0 ? ",height=" + std::to_string(rendition.height) : "";
    return caps;
}

} // namespace

Result<std::string> rendition_launch(const Rendition& rendition, std::string_view media) {
    const auto* decoder = std::ranges::find(kDecoders, media, &Decoder::media);
    if (decoder == std::end(kDecoders)) {
        return fail(Code::unsupported, std::string(media) + " cannot be encoded anew");
    }
    for (const std::string& wanted : rendition.encoders) {
        const auto* known = std::ranges::find(kEncoders, wanted, &Encoder::name);
        if (known != std::end(kEncoders) && is_installed(wanted)) {
            return std::string(decoder->name) + kDecoderProperties + " ! videoconvert ! videoscale ! " +
                   size_caps(rendition) + " ! " + wanted +
                   known->properties(rendition.bitrate_kbps, rendition.gop) +
                   " ! video/x-h264,profile=constrained-baseline ! h264parse config-interval=-1 ! "
                   "capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au";
        }
    }
    return fail(Code::unavailable, "rendition '" + rendition.name + "': none of its encoders is installed (" +
                                       join(rendition.encoders) + ")");
}

} // namespace masthead::worker
