#include "server/worker/sound.hpp"

#include "plugins/glib/error.hpp"

#include <algorithm>
#include <string_view>

namespace masthead::worker {

namespace {

// All names begin like this: by it an error is known for the sound's.
constexpr std::string_view kPrefix = "sound";
constexpr const char* kQueue = "sound-in";
constexpr const char* kEncoder = "sound-encoder";
constexpr const char* kTee = "sound";

/// From what a camera sends to samples; the first row whose caps hold is used. A decoder that meets broken
/// data goes on with what comes after it.
struct Decoding {
    const char* caps;
    const char* launch;
};
constexpr Decoding kDecodings[] = {
    {"audio/mpeg, mpegversion=(int)4, stream-format=(string)loas", "aacparse ! avdec_aac_latm max-errors=-1"},
    {"audio/mpeg, mpegversion=(int){ 2, 4 }", "aacparse ! avdec_aac max-errors=-1"},
    {"audio/mpeg, mpegversion=(int)1", "mpegaudioparse ! mpg123audiodec max-errors=-1"},
    {"audio/x-mulaw", "mulawdec max-errors=-1"},
    {"audio/x-alaw", "alawdec max-errors=-1"},
    {"audio/x-opus", "opusparse ! opusdec max-errors=-1"},
    {"audio/x-raw", "identity silent=true"},
};
/// One microphone is what vehicles have; stereo would cost every viewer's link twice as much.
constexpr const char* kEncoding = " ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=1 ! "
                                  "opusenc bitrate=32000 bitrate-type=constrained-vbr";
constexpr const char* kOpus = "audio/x-opus, channel-mapping-family=(int)0";
constexpr const char* kPassedOn = "opusparse";

bool fits(GstCaps* sound, const char* row) {
    const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(row));
    return gst_caps_is_subset(sound, caps.get()) != FALSE;
}

/// "" when the sound is of no known kind.
std::string launch_for(GstCaps* sound) {
    if (fits(sound, kOpus)) {
        return kPassedOn;
    }
    const auto* row =
        std::ranges::find_if(kDecodings, [&](const Decoding& one) { return fits(sound, one.caps); });
    return row == std::end(kDecodings) ? "" : std::string(row->launch) + kEncoding;
}

Ref<GstElement> by_name(GstElement* pipeline, const char* name) {
    return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), name));
}

/// Between queue and tee.
Result<void> add_encoder(GstElement* pipeline, const std::string& launch) {
    GError* raw = nullptr;
    const auto encoder = Ref<GstElement>::sink(gst_parse_bin_from_description_full(
        launch.c_str(), TRUE, nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw));
    if (!encoder) {
        return fail_from(raw, "the encoder of the sound");
    }
    gst_object_set_name(GST_OBJECT(encoder.get()), kEncoder);
    gst_bin_add(GST_BIN(pipeline), encoder.get());
    gst_element_link(encoder.get(), by_name(pipeline, kTee).get());
    gst_element_sync_state_with_parent(encoder.get());
    gst_element_link(by_name(pipeline, kQueue).get(), encoder.get());
    return {};
}

} // namespace

bool wants_sound(const Recipe& recipe) { return recipe.webrtc_audio && !recipe.webrtc.empty(); }

void build_sound(Builder& build, const Recipe& recipe, const CameraPipeline& camera) {
    if (!wants_sound(recipe)) {
        return;
    }
    // A file is read ahead of what is shown of it by what the queues of its video hold.
    const bool file = recipe.ingest.uri.starts_with("file:");
    GstElement* queue = build.add("queue", kQueue);
    build.set(queue, "leaky", std::string("downstream"));
    build.set(queue, "max-size-time", std::to_string((file ? 15'000 : 500) * GST_MSECOND));
    build.set(queue, "max-size-buffers", 0);
    build.set(queue, "max-size-bytes", 8 << 20);
    GstElement* tee = build.add("tee", kTee);
    build.set(tee, "allow-not-linked", true);
    for (const auto& [rendition, viewers] : camera.viewers) {
        build.link(tee, "src_%u", viewers.get(), "audio");
    }
}

bool start_sound(GstElement* pipeline, GstPad* camera) {
    const auto queue = by_name(pipeline, kQueue);
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(camera));
    if (!queue || !caps) {
        return false;
    }
    const std::string launch = launch_for(caps.get());
    const auto added = launch.empty()
                           ? fail(Code::unsupported, "of no kind that is known here: " +
                                                         take_string(gst_caps_to_string(caps.get())))
                           : add_encoder(pipeline, launch);
    if (!added) {
        GST_ELEMENT_ERROR(queue.get(), STREAM, CODEC_NOT_FOUND, ("%s", added.error().message.c_str()),
                          (nullptr));
    }
    const auto entry = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), "sink"));
    return gst_pad_link(camera, entry.get()) == GST_PAD_LINK_OK;
}

void restart_sound(const CameraPipeline& camera) {
    GstElement* const pipeline = camera.pipeline.get();
    const auto queue = by_name(pipeline, kQueue);
    const auto encoder = by_name(pipeline, kEncoder);
    const auto entry = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), "sink"));
    const auto source = Ref<GstPad>::adopt(gst_pad_get_peer(entry.get()));
    if (!source) {
        return;
    }
    gst_pad_unlink(source.get(), entry.get());
    gst_element_set_state(queue.get(), GST_STATE_READY);
    if (encoder) {
        gst_element_set_state(encoder.get(), GST_STATE_NULL);
        gst_bin_remove(GST_BIN(pipeline), encoder.get());
    }
    gst_element_sync_state_with_parent(queue.get());
    (void)start_sound(pipeline, source.get());
}

bool is_of_sound(GstMessage* message) {
    auto part = Ref<GstObject>::share(GST_MESSAGE_SRC(message));
    while (part && !GST_IS_PIPELINE(part.get())) {
        if (take_string(gst_object_get_name(part.get())).starts_with(kPrefix)) {
            return true;
        }
        part = Ref<GstObject>::adopt(gst_object_get_parent(part.get()));
    }
    return false;
}

} // namespace masthead::worker
