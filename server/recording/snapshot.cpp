// snapshot: the frame that is shown at a time, with what it says of itself.
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/json.hpp"
#include "server/recording/commands.hpp"
#include "server/recording/klv_files.hpp"
#include "server/recording/mp4_files.hpp"
#include "server/recording/png_text.hpp"
#include "version.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include <cstdio>

namespace masthead::recording_tool {
namespace {

constexpr GstClockTime kPatience = 20 * GST_SECOND;

/// A frame of the clip, kept.
struct Kept {
    Bytes unit;
    bool key = false;
    Utc time;
    std::string json; // what it says
};

/// Keeps the GOP of the frame that is shown at an instant: the last one whose time has come.
class Looker : public FrameReceiver {
  public:
    Looker(Utc at, std::string more) : at_(at), more_(std::move(more)) {}

    Result<void> take(const ClipFrame& frame) override {
        if (frame.frame.key) {
            close();
            codec_of_open_ = frame.piece.codec;
        }
        open_.push_back({.unit = Bytes(frame.frame.access_unit.begin(), frame.frame.access_unit.end()),
                         .key = frame.frame.key,
                         .time = frame.time,
                         .json = {}});
        const bool nearer = frame.time <= at_ && (!found_ || frame.time >= time_);
        if (nearer && open_.front().key) {
            found_ = open_.size() - 1;
            time_ = frame.time;
            json_ = frame_json(frame, more_);
            is_open_ = true;
        }
        return {};
    }
    Result<void> finish() override {
        close();
        return {};
    }

    /// Which of gop() it is; nothing: none.
    [[nodiscard]] std::optional<std::size_t> found() const noexcept { return found_; }
    [[nodiscard]] const std::vector<Kept>& gop() const noexcept { return gop_; }
    [[nodiscard]] const std::string& json() const noexcept { return json_; }
    [[nodiscard]] Utc time() const noexcept { return time_; }
    [[nodiscard]] recording::Codec codec() const noexcept { return codec_; }

  private:
    /// The open GOP has come to its end.
    void close() {
        if (is_open_) {
            gop_ = std::move(open_);
            codec_ = codec_of_open_;
        }
        is_open_ = false;
        open_.clear();
    }

    Utc at_;
    std::string more_;
    std::vector<Kept> open_;
    recording::Codec codec_of_open_ = recording::Codec::h264;
    bool is_open_ = false; // the frame found is one of the open ones
    std::optional<std::size_t> found_;
    Utc time_;
    std::string json_;
    std::vector<Kept> gop_;
    recording::Codec codec_ = recording::Codec::h264;
};

tl::unexpected<Error> cannot(GError* error) { return fail_from(error, "the frame cannot be decoded"); }

/// Decodes a GOP. Each access unit has its number as its time, in seconds, for decoders keep that.
Result<Ref<GstSample>> decoded(const Looker& looker) {
    const std::string text =
        std::string("appsrc name=in format=time ! ") +
        (looker.codec() == recording::Codec::h264 ? "h264parse ! avdec_h264" : "h265parse ! avdec_h265") +
        " ! appsink name=out sync=false max-buffers=4";
    GError* error = nullptr;
    const auto pipeline = Ref<GstElement>::sink(
        gst_parse_launch_full(text.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
    if (!pipeline) {
        return cannot(error);
    }
    const auto source = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
    const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(caps_of(looker.codec())));
    g_object_set(source.get(), "caps", caps.get(), nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    for (std::size_t i = 0; i < looker.gop().size(); ++i) {
        auto buffer = make_buffer(looker.gop()[i].unit);
        GST_BUFFER_PTS(buffer.get()) = i * GST_SECOND;
        gst_app_src_push_buffer(GST_APP_SRC(source.get()), buffer.release());
    }
    gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
    Ref<GstSample> wanted;
    while (!wanted) {
        auto sample =
            Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), kPatience));
        if (!sample) {
            break;
        }
        if (GST_BUFFER_PTS(gst_sample_get_buffer(sample.get())) == *looker.found() * GST_SECOND) {
            wanted = std::move(sample);
        }
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return wanted ? Result<Ref<GstSample>>(std::move(wanted))
                  : fail(Code::unavailable,
                         "the frame cannot be decoded: its GOP is damaged, or a decoder is missing");
}

Result<Bytes> png_of(const Looker& looker, const Clip& clip) {
    return decoded(looker).and_then([&](const Ref<GstSample>& sample) -> Result<Bytes> {
        const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("image/png"));
        GError* error = nullptr;
        const auto picture =
            Ref<GstSample>::adopt(gst_video_convert_sample(sample.get(), caps.get(), kPatience, &error));
        if (!picture) {
            return cannot(error);
        }
        const BufferMap map(gst_sample_get_buffer(picture.get()));
        return with_text(map.bytes(),
                         {{"Title", clip.vehicle + "/" + clip.camera + " " + to_iso8601(looker.time())},
                          {"Creation Time", to_iso8601(looker.time())},
                          {"Software", "Masthead " MASTHEAD_VERSION},
                          {"Masthead frame", looker.json()}});
    });
}

int write_png(const Looker& looker, const Clip& clip, const std::string& out) {
    gst_init(nullptr, nullptr);
    const auto png = png_of(looker, clip);
    if (!png) {
        return give_up(png.error());
    }
    if (out == "-") {
        return std::fwrite(png->data(), 1, png->size(), stdout) == png->size() ? kGood : kFailed;
    }
    const auto written = write_file(out, as_text(*png));
    return written ? kGood : give_up(written.error());
}

} // namespace

int snapshot(const Arguments& arguments) {
    const auto at = arguments.time("at");
    if (!at) {
        return give_up(at.error());
    }
    const auto clip = find_clip(arguments.paths.front(), *at, *at + std::chrono::microseconds(1));
    if (!clip) {
        return give_up(clip.error());
    }
    Looker looker(*at, "\"vehicle\":" + json::quote(clip->vehicle) +
                           ",\"camera\":" + json::quote(clip->camera) + ",");
    if (const auto read = read_clip(*clip, {.bytes = {}, .frames = {&looker}, .progress = {}}); !read) {
        return give_up(read.error());
    }
    if (!looker.found()) {
        return give_up({Code::not_found, "nothing was recorded by this camera at this time"});
    }
    if (!arguments.has("out")) {
        std::puts(looker.json().c_str());
        return kGood;
    }
    return write_png(looker, *clip, arguments.value("out"));
}

} // namespace masthead::recording_tool
