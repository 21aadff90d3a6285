#include "server/recording/mp4_files.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/recording/ticks.hpp"

#include <gst/app/gstappsrc.h>

#include <algorithm>

namespace masthead::recording_tool {
namespace {

constexpr std::size_t kMostFiles = 200;
constexpr GstClockTime kPatience = 60 * GST_SECOND;
constexpr ts::Ticks kUsualInterval = 3'000;

GstClockTime time_of(ts::Ticks ticks) { return gst_util_uint64_scale(ticks, 100'000, 9); }

bool is_parameter_set(std::byte nal, recording::Codec codec) {
    const auto type = std::to_integer<unsigned>(nal);
    return codec == recording::Codec::h264 ? (type & 31) == 7 || (type & 31) == 8
                                           : ((type >> 1) & 63) >= 32 && ((type >> 1) & 63) <= 34;
}

/// Offsets of the bytes behind start codes (00 00 01).
std::vector<std::size_t> nal_units(ByteSpan unit) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i + 3 < unit.size(); ++i) {
        if (unit[i] == std::byte{0} && unit[i + 1] == std::byte{0} && unit[i + 2] == std::byte{1}) {
            found.push_back(i + 3);
            i += 2;
        }
    }
    return found;
}

} // namespace

/// One MP4 while it is made.
class Mp4Files::Muxer {
  public:
    static Result<std::unique_ptr<Muxer>> create(const std::filesystem::path& path, recording::Codec codec) {
        const std::string text = std::string("appsrc name=in format=time block=true max-bytes=8388608 ! ") +
                                 (codec == recording::Codec::h264 ? "h264parse" : "h265parse") +
                                 " ! mp4mux ! filesink name=out";
        GError* error = nullptr;
        auto muxer = std::make_unique<Muxer>();
        muxer->pipeline_ = Ref<GstElement>::sink(
            gst_parse_launch_full(text.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
        if (!muxer->pipeline_) {
            return fail_from(error, "no MP4 can be made");
        }
        GstBin* bin = GST_BIN(muxer->pipeline_.get());
        muxer->source_ = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, "in"));
        const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, "out"));
        const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(caps_of(codec)));
        g_object_set(muxer->source_.get(), "caps", caps.get(), nullptr);
        g_object_set(sink.get(), "location", path.c_str(), nullptr);
        if (gst_element_set_state(muxer->pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
            return muxer->failure();
        }
        return muxer;
    }

    Muxer() = default;
    ~Muxer() {
        if (pipeline_) {
            gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
        }
    }
    Muxer(const Muxer&) = delete;
    Muxer& operator=(const Muxer&) = delete;

    Result<void> push(const recording::Frame& frame) {
        const ts::Ticks decoding = frame.dts.value_or(frame.pts);
        if (last_) {
            interval_ = recording::ticks_between(*last_, decoding);
            now_ += interval_;
        }
        last_ = decoding;
        auto buffer = make_buffer(frame.access_unit);
        GST_BUFFER_DTS(buffer.get()) = time_of(now_);
        GST_BUFFER_PTS(buffer.get()) = time_of(now_ + recording::ticks_between(decoding, frame.pts));
        GST_BUFFER_DURATION(buffer.get()) = time_of(interval_);
        if (!frame.key) {
            GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
        }
        return gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer.release()) == GST_FLOW_OK
                   ? Result<void>()
                   : failure();
    }

    Result<void> finish() {
        gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
        return wait(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR), kPatience);
    }

  private:
    Result<void> wait(GstMessageType types, GstClockTime patience) {
        const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
        const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus.get(), patience, types));
        if (!message) {
            return fail(Code::unavailable, "the MP4 was not finished in time");
        }
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) {
            return {};
        }
        GError* error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        return fail_from(error, "the MP4 cannot be made");
    }
    tl::unexpected<Error> failure() {
        const auto why = wait(GST_MESSAGE_ERROR, GST_SECOND);
        return tl::unexpected<Error>(why ? Error{Code::unavailable, "the MP4 cannot be made"} : why.error());
    }

    Ref<GstElement> pipeline_;
    Ref<GstElement> source_;
    std::optional<ts::Ticks> last_; // decoding time of the newest frame
    ts::Ticks now_ = 0;             // the same from the file's begin on
    ts::Ticks interval_ = kUsualInterval;
};

Mp4Files::Mp4Files(std::filesystem::path folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {}

Mp4Files::~Mp4Files() = default;

Result<void> Mp4Files::begin(const ClipFrame& frame) {
    if (auto finished = finish(); !finished) {
        return finished;
    }
    if (files_.size() == kMostFiles) {
        return fail(Code::too_large,
                    "this time has more than 200 stretches of video: export a shorter one as MP4");
    }
    const std::string stem = name_ + "-" + file_time(frame.time);
    auto path = folder_ / (stem + ".mp4");
    for (int again = 2; std::ranges::find(files_, path) != files_.end(); ++again) {
        path = folder_ / (stem + "-" + std::to_string(again) + ".mp4");
    }
    auto muxer = Muxer::create(path, frame.piece.codec);
    if (!muxer) {
        return tl::unexpected(muxer.error());
    }
    files_.push_back(path);
    muxer_ = std::move(*muxer);
    return {};
}

Result<void> Mp4Files::take(const ClipFrame& frame) {
    if (auto finished = frame.goes_on ? Result<void>() : finish(); !finished) {
        return finished;
    }
    if (frame.frame.key) {
        Bytes sets = parameter_sets_of(frame.frame.access_unit, frame.piece.codec);
        if (!muxer_ || (!sets.empty() && sets != parameter_sets_)) {
            if (auto begun = begin(frame); !begun) {
                return begun;
            }
            parameter_sets_ = std::move(sets);
        }
    }
    return muxer_ ? muxer_->push(frame.frame) : Result<void>(); // damage took the key frame
}

Result<void> Mp4Files::finish() {
    const std::unique_ptr<Muxer> ended = std::move(muxer_);
    return ended ? ended->finish() : Result<void>();
}

Bytes parameter_sets_of(ByteSpan access_unit, recording::Codec codec) {
    Bytes sets;
    const auto units = nal_units(access_unit);
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (is_parameter_set(access_unit[units[i]], codec)) {
            const std::size_t end = i + 1 < units.size() ? units[i + 1] - 3 : access_unit.size();
            const ByteSpan unit = access_unit.subspan(units[i], end - units[i]);
            sets.insert(sets.end(), unit.begin(), unit.end());
        }
    }
    return sets;
}

std::string file_time(Utc time) {
    std::string text = to_iso8601(time).substr(0, 19) + "Z";
    std::ranges::replace(text, ':', '-');
    return text;
}

const char* caps_of(recording::Codec codec) {
    return codec == recording::Codec::h264 ? "video/x-h264,stream-format=byte-stream,alignment=au"
                                           : "video/x-h265,stream-format=byte-stream,alignment=au";
}

} // namespace masthead::recording_tool
