// probe: what a camera sends, and which recipe fits it.
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/glib/signal.hpp"
#include "plugins/klv/local_set.hpp"
#include "server/pipeline/commands.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <set>

namespace masthead::pipeline {

namespace {

constexpr int kUsualSeconds = 5;
constexpr int kPatienceSeconds = 15;

/// Of one KLV PID in an MPEG-TS, as `klv-streams` tells it.
struct KlvPid {
    guint pid = 0;
    std::string carriage;
    guint64 packets = 0;
    guint64 without_pts = 0;
    guint64 losses = 0;
    guint64 resyncs = 0;
    guint64 too_large = 0;
};

std::vector<KlvPid> klv_pids(const GstStructure* said) {
    std::vector<KlvPid> pids;
    const GValue* list = gst_structure_get_value(said, "streams");
    for (guint i = 0; list && i < gst_value_array_get_size(list); ++i) {
        const GstStructure* stream = gst_value_get_structure(gst_value_array_get_value(list, i));
        KlvPid pid;
        const gchar* carriage = gst_structure_get_string(stream, "carriage");
        pid.carriage = carriage ? carriage : "";
        gst_structure_get(stream, "pid", G_TYPE_UINT, &pid.pid, "packets", G_TYPE_UINT64, &pid.packets,
                          "without-pts", G_TYPE_UINT64, &pid.without_pts, "losses", G_TYPE_UINT64,
                          &pid.losses, "resyncs", G_TYPE_UINT64, &pid.resyncs, "too-large", G_TYPE_UINT64,
                          &pid.too_large, nullptr);
        pids.push_back(pid);
    }
    return pids;
}

void print(const KlvPid& pid) {
    std::string health = pid.packets == 0 ? "nothing came" : std::to_string(pid.packets) + " packets";
    const std::pair<guint64, const char*> ailments[] = {
        {pid.without_pts, "times without a PTS: matched to frames by where it stands"},
        {pid.losses, "times bytes were lost"},
        {pid.resyncs, "times bytes that are no KLV were skipped"},
        {pid.too_large, "packets left out: over 64 kB"},
    };
    for (const auto& [count, what] : ailments) {
        health += count > 0 ? ", " + std::to_string(count) + ' ' + what : "";
    }
    std::printf("KLV PID   0x%04x %s: %s\n", pid.pid, pid.carriage.c_str(), health.c_str());
}

/// Where KLV is embedded.
const char* recipe_for(const std::string& uri) {
    constexpr std::pair<std::string_view, const char*> kRecipes[] = {
        {"srt:", "srt-embedded"}, {"rtp:", "rtp-embedded"}, {"file:", "file-loop"}};
    for (const auto& [scheme, recipe] : kRecipes) {
        if (uri.starts_with(scheme)) {
            return recipe;
        }
    }
    return "ts-embedded";
}

/// What went past; the streaming threads write it.
struct Seen {
    std::mutex mutex;
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    GstClockTime first = GST_CLOCK_TIME_NONE;
    GstClockTime last = 0;
    std::uint64_t since_key_frame = 0;
    std::vector<std::uint64_t> gops; // whole ones, in frames
    bool key_frame = false;
    std::uint64_t packets = 0;
    std::uint64_t bad_packets = 0;
    std::set<klv::Tag> items;
};

void see_video(Seen& seen, GstBuffer* frame) {
    const std::lock_guard lock(seen.mutex);
    ++seen.frames;
    seen.bytes += gst_buffer_get_size(frame);
    if (GST_BUFFER_PTS_IS_VALID(frame)) {
        seen.first = std::min(seen.first, GST_BUFFER_PTS(frame));
        seen.last = std::max(seen.last, GST_BUFFER_PTS(frame));
    }
    if (!GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT)) {
        if (std::exchange(seen.key_frame, true)) {
            seen.gops.push_back(seen.since_key_frame);
        }
        seen.since_key_frame = 0;
    }
    ++seen.since_key_frame;
}

void see_klv(Seen& seen, GstBuffer* buffer) {
    const BufferMap map(buffer);
    const auto packet = klv::parse(map.bytes());
    const std::lock_guard lock(seen.mutex);
    ++seen.packets;
    if (!packet || packet->flaws.any()) {
        ++seen.bad_packets;
        return;
    }
    for (const klv::Item& item : packet->set.items()) {
        seen.items.insert(item.tag);
    }
}

using See = void (*)(Seen&, GstBuffer*);

template <See see>
GstPadProbeReturn on_buffer(GstPad*, GstPadProbeInfo* info, gpointer seen) {
    see(*static_cast<Seen*>(seen), GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
}

class Probe {
  public:
    Probe() : pipeline_(Ref<GstElement>::sink(gst_pipeline_new(nullptr))) {}
    ~Probe() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

    /// Empty, or why it cannot be tried.
    std::string begin(const std::string& uri) {
        GError* raw = nullptr;
        const auto bin = Ref<GstElement>::sink(gst_parse_bin_from_description(
            "vehiclesrc name=camera reconnect=true klvsync name=sync ! fakesink sync=false async=false "
            "sync.klv_src ! fakesink sync=false async=false",
            FALSE, &raw));
        const Owned<GError> error(raw);
        if (error) {
            return error->message;
        }
        gst_bin_add(GST_BIN(pipeline_.get()), bin.get());
        const auto camera = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "camera"));
        sync_ = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "sync"));
        g_object_set(camera.get(), "uri", uri.c_str(), nullptr);
        connect<GstPad*>(camera.get(), "pad-added", [this](GstPad* pad) { take(pad); });
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
        return {};
    }

    /// Until `seconds` of video went past, the camera is refused, or patience ends; false for the latter two.
    bool watch(int seconds) {
        const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
        const gint64 patience = g_get_monotonic_time() + (kPatienceSeconds + seconds) * G_TIME_SPAN_SECOND;
        while (g_get_monotonic_time() < patience) {
            const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
                bus.get(), 100 * GST_MSECOND,
                static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR)));
            if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ELEMENT) {
                hear(gst_message_get_structure(message.get()));
            }
            const std::lock_guard lock(seen_.mutex);
            const bool enough = GST_CLOCK_TIME_IS_VALID(seen_.first) &&
                                seen_.last - seen_.first >= static_cast<GstClockTime>(seconds) * GST_SECOND;
            if (enough || state_ == "refused" || (seen_.frames > 0 && state_ == "retrying")) {
                return seen_.frames > 0;
            }
        }
        return false;
    }

    [[nodiscard]] const std::string& detail() const { return detail_; }

    void print(const std::string& uri) {
        const std::lock_guard lock(seen_.mutex);
        const double span_s = static_cast<double>(seen_.last - seen_.first) / GST_SECOND;
        std::printf("video     %s %s %dx%d\n", codec_.c_str(), profile_.c_str(), width_, height_);
        if (span_s > 0) {
            std::printf("rate      %.2f frames/s, %.0f kbit/s\n",
                        static_cast<double>(seen_.frames - 1) / span_s,
                        static_cast<double>(seen_.bytes) * 8 / 1000 / span_s);
        }
        const auto [least, most] =
            std::ranges::minmax(seen_.gops.empty() ? std::vector<std::uint64_t>{0} : seen_.gops);
        std::printf("GOP       %s\n",
                    seen_.gops.empty()
                        ? "longer than was watched"
                        : (std::to_string(least) + " to " + std::to_string(most) + " frames").c_str());
        std::printf("B-frames  %s\n",
                    b_frames_ ? "yes: browsers cannot play them; set the camera to none" : "no");
        std::printf("time      %s\n", time_method_.c_str());
        if (seen_.packets == 0) {
            std::puts("KLV       none");
        } else {
            std::printf("KLV       %.1f packets/s, %llu with flaws, %zu different items%s\n",
                        span_s > 0 ? static_cast<double>(seen_.packets) / span_s : 0,
                        static_cast<unsigned long long>(seen_.bad_packets), seen_.items.size(),
                        seen_.items.contains(2) ? "" : "; without item 2 (time stamp) it cannot be matched");
        }
        for (const KlvPid& pid : klv_pids_) {
            pipeline::print(pid);
        }
        std::printf("recipe    %s --set uri=%s\n", seen_.packets > 0 ? recipe_for(uri) : "rtsp-link",
                    uri.c_str());
    }

  private:
    void take(GstPad* pad) {
        const std::string name = take_string(gst_pad_get_name(pad));
        const char* entry = name == "video" ? "sink" : name == "klv" ? "klv_sink" : nullptr;
        if (!entry) {
            return;
        }
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER,
                          name == "video" ? on_buffer<see_video> : on_buffer<see_klv>, &seen_, nullptr);
        const auto target = Ref<GstPad>::adopt(gst_element_get_static_pad(sync_.get(), entry));
        gst_pad_link(pad, target.get());
    }

    void hear(const GstStructure* said) {
        const auto text = [said](const char* field) {
            const gchar* value = gst_structure_get_string(said, field);
            return std::string(value ? value : "");
        };
        if (gst_structure_has_name(said, "klv-sync")) {
            const std::string method = text("time-method");
            time_method_ = method == "sei"    ? "in each frame (MISP-time SEI)"
                           : method == "rtcp" ? "by RTCP sender reports"
                           : method == "klv"  ? "by the KLV's time stamps"
                                              : "none: only when frames arrive";
        } else if (gst_structure_has_name(said, "klv-streams")) {
            klv_pids_ = klv_pids(said);
        } else if (gst_structure_has_name(said, "vehicle-source")) {
            state_ = text("state");
            detail_ = text("detail");
            if (state_ != "playing") {
                return;
            }
            codec_ = text("codec");
            profile_ = text("profile");
            gboolean b_frames = FALSE;
            gst_structure_get_boolean(said, "b-frames", &b_frames);
            b_frames_ = b_frames == TRUE;
            gst_structure_get_int(said, "width", &width_);
            gst_structure_get_int(said, "height", &height_);
        }
    }

    Ref<GstElement> pipeline_;
    Ref<GstElement> sync_;
    Seen seen_;
    std::vector<KlvPid> klv_pids_;
    std::string state_;
    std::string detail_;
    std::string codec_;
    std::string profile_;
    std::string time_method_ = "none: only when frames arrive";
    bool b_frames_ = false;
    int width_ = 0;
    int height_ = 0;
};

} // namespace

int probe(const Arguments& arguments) {
    const std::string uri = arguments.paths.front().string();
    Probe probe;
    if (const std::string why = probe.begin(uri); !why.empty()) {
        std::fprintf(stderr, "%s\n", why.c_str());
        return kFailed;
    }
    if (!probe.watch(arguments.duration_s.value_or(kUsualSeconds))) {
        std::fprintf(stderr, "no video: %s\n",
                     probe.detail().empty() ? "nothing came" : probe.detail().c_str());
        return kFailed;
    }
    probe.print(uri);
    return kGood;
}

} // namespace masthead::pipeline
