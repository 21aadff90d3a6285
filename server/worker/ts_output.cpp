#include "server/worker/ts_output.hpp"

#include "plugins/glib/error.hpp"

#include <cstdlib>
#include <fstream>

namespace masthead::worker {

namespace {

/// A frame's video goes first, then its KLV, each through a queue: without these mpegtsmux 1.22 hangs. Whole
/// datagrams come out.
constexpr std::string_view kTs =
    "appsrc name=frames is-live=true format=time max-bytes=0 ! klvsplit name=split "
    "split.src ! queue name=video ! mpegtsmux name=mux alignment=7 split.klv_src ! queue name=klv ! mux. "
    "mux. ! ";
constexpr std::string_view kSink = " name=out sync=false async=false enable-last-sample=false";
constexpr std::string_view kRecorder =
    "appsrc name=frames is-live=true format=time max-bytes=0 ! recordsink name=out";
constexpr std::string_view kPayloader = "rtpmp2tpay name=pay0 pt=33";

constexpr std::size_t kShortestPassphrase = 10; // SRT's own rule
constexpr std::size_t kLongestPassphrase = 79;

Result<std::string> passphrase_of(const SrtTarget& target) {
    std::string text;
    std::string place;
    if (!target.passphrase_env.empty()) {
        place = "the environment variable " + target.passphrase_env;
        const char* value = std::getenv(target.passphrase_env.c_str());
        if (!value) {
            return fail(Code::not_found, place + " is not set; it holds the SRT passphrase");
        }
        text = value;
    } else if (!target.passphrase_file.empty()) {
        place = target.passphrase_file;
        std::ifstream file(place);
        if (!std::getline(file, text)) {
            return fail(Code::not_found, place + " cannot be read; it holds the SRT passphrase");
        }
    } else {
        return text;
    }
    if (text.size() < kShortestPassphrase || text.size() > kLongestPassphrase) {
        return fail(Code::invalid_argument, place + ": an SRT passphrase has 10 to 79 characters");
    }
    return text;
}

std::string place(std::string_view scheme, const std::string& host, std::uint16_t port) {
    const bool is_v6 = host.find(':') != std::string::npos;
    return std::string(scheme) + "://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void set_up_udp(GstElement* sink, const UdpTarget& target) {
    g_object_set(sink, "host", target.host.c_str(), "port", static_cast<gint>(target.port), "ttl", target.ttl,
                 "ttl-mc", target.ttl, nullptr);
    if (!target.interface_name.empty()) {
        g_object_set(sink, "multicast-iface", target.interface_name.c_str(), nullptr);
    }
}

void set_up_recorder(GstElement* sink, const RecordingFolder& folder) {
    g_object_set(sink, "location", folder.path.c_str(), "max-duration",
                 static_cast<guint>(folder.file_minutes) * 60, "max-bytes",
                 static_cast<guint64>(folder.file_megabytes) << 20, nullptr);
}

std::string launch_for(const Restream& output) {
    struct {
        std::string operator()(const UdpTarget&) const {
            return std::string(kTs) + "udpsink" + std::string(kSink);
        }
        std::string operator()(const SrtTarget&) const {
            return std::string(kTs) + "srtsink" + std::string(kSink);
        }
        std::string operator()(const RtspMount&) const { return std::string(kTs) + std::string(kPayloader); }
        std::string operator()(const RecordingFolder&) const { return std::string(kRecorder); }
    } text;
    return std::visit(text, output.target);
}

void set_up_srt(GstElement* sink, const SrtTarget& target) {
    // In the URI: the property `mode` would not make its address one to listen at.
    const std::string uri =
        place("srt", target.host, target.port) + (target.listens ? "?mode=listener" : "?mode=caller");
    g_object_set(sink, "uri", uri.c_str(), "latency", target.latency_ms, "wait-for-connection", FALSE,
                 "auto-reconnect", FALSE, nullptr);
    if (!target.stream_id.empty()) {
        g_object_set(sink, "streamid", target.stream_id.c_str(), nullptr);
    }
}

} // namespace

std::string rtsp_launch() { return "( " + std::string(kTs) + std::string(kPayloader) + " )"; }

Result<TsOutput> build_ts_output(const Restream& output) {
    GError* raw = nullptr;
    TsOutput made;
    made.pipeline = Ref<GstElement>::sink(
        gst_parse_launch_full(launch_for(output).c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &raw));
    if (!made.pipeline) {
        return fail_from(raw, "output '" + output.name + "'");
    }
    GstBin* bin = GST_BIN(made.pipeline.get());
    gst_object_set_name(GST_OBJECT(bin), ("restream-" + output.name).c_str());
    const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
    gst_pipeline_use_clock(GST_PIPELINE(bin), clock.get());
    made.frames = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, "frames"));
    const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(bin, "out"));
    if (const auto* udp = std::get_if<UdpTarget>(&output.target)) {
        set_up_udp(sink.get(), *udp);
    } else if (const auto* srt = std::get_if<SrtTarget>(&output.target)) {
        set_up_srt(sink.get(), *srt);
    } else if (const auto* folder = std::get_if<RecordingFolder>(&output.target)) {
        set_up_recorder(sink.get(), *folder);
    }
    return made;
}

Result<void> add_passphrase(const TsOutput& made, const Restream& output) {
    const auto* srt = std::get_if<SrtTarget>(&output.target);
    const auto passphrase = srt ? passphrase_of(*srt) : std::string();
    if (!passphrase) {
        return tl::unexpected(passphrase.error());
    }
    if (!passphrase->empty()) {
        const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(made.pipeline.get()), "out"));
        g_object_set(sink.get(), "passphrase", passphrase->c_str(), nullptr);
    }
    return {};
}

std::string shown(const Restream& output) {
    struct {
        std::string operator()(const UdpTarget& udp) const { return place("udp", udp.host, udp.port); }
        std::string operator()(const SrtTarget& srt) const { return place("srt", srt.host, srt.port); }
        std::string operator()(const RtspMount& mount) const {
            return place("rtsp", mount.address, mount.port) + mount.path;
        }
        std::string operator()(const RecordingFolder& folder) const { return folder.path; }
    } in_words;
    return std::visit(in_words, output.target);
}

} // namespace masthead::worker
