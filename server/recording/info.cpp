// info: what recorded files hold.
#include "plugins/glib/json.hpp"
#include "server/recording/clip.hpp"
#include "server/recording/commands.hpp"

#include <cstdio>

namespace masthead::recording_tool {
namespace {

struct Summary {
    std::string codec;
    Utc from;
    Utc to;
    std::uint64_t bytes = 0;
    std::uint64_t gops = 0;
    std::uint64_t frames = 0;
    std::uint64_t with_klv = 0; // frames
    std::uint64_t track_points = 0;
};

Result<Summary> summary_of(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return fail(Code::not_found, file.string() + " is not there");
    }
    const auto index = index_for(file);
    if (!index) {
        return tl::unexpected(index.error());
    }
    if (index->gops.empty()) {
        return fail(Code::malformed, file.string() + " has no video that can be played");
    }
    Summary summary{.codec = index->codec == recording::Codec::h264 ? "h264" : "h265",
                    .from = index->gops.front().time,
                    .gops = index->gops.size(),
                    .track_points = index->track.size()};
    for (const recording::Gop& gop : index->gops) {
        summary.from = std::min(summary.from, gop.time);
        summary.to = std::max(summary.to, recording::end_of(gop));
        summary.bytes += gop.bytes;
        summary.frames += gop.frames;
        summary.with_klv += gop.with_klv;
    }
    return summary;
}

void print(const std::filesystem::path& file, const Summary& summary) {
    const double seconds = std::chrono::duration<double>(summary.to - summary.from).count();
    std::printf("%s\n  %s, %.3f s from %s to %s\n", file.c_str(), summary.codec.c_str(), seconds,
                to_iso8601(summary.from).c_str(), to_iso8601(summary.to).c_str());
    std::printf(
        "  %llu frames in %llu GOPs, %llu with metadata; %llu bytes, %.0f kbit/s; %llu track points\n",
        static_cast<unsigned long long>(summary.frames), static_cast<unsigned long long>(summary.gops),
        static_cast<unsigned long long>(summary.with_klv), static_cast<unsigned long long>(summary.bytes),
        seconds > 0 ? static_cast<double>(summary.bytes) * 8 / 1000 / seconds : 0,
        static_cast<unsigned long long>(summary.track_points));
}

void print_json(const std::filesystem::path& file, const Summary& summary) {
    json::Writer out;
    out.begin_object().member("file", file.string()).member("codec", summary.codec);
    out.member("from", summary.from.us).member("to", summary.to.us).member("bytes", summary.bytes);
    out.member("gops", summary.gops).member("frames", summary.frames).member("with_klv", summary.with_klv);
    out.member("track_points", summary.track_points).end_object();
    std::puts(out.text().c_str());
}

} // namespace

int info(const Arguments& arguments) {
    int code = kGood;
    for (const auto& file : arguments.paths) {
        const auto summary = summary_of(file);
        if (!summary) {
            code = give_up(summary.error());
        } else if (arguments.has("json")) {
            print_json(file, *summary);
        } else {
            print(file, *summary);
        }
    }
    return code;
}

} // namespace masthead::recording_tool
