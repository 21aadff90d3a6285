// Makes a long recording out of a short one, for benchmarks: its frames again and again, under times that go
// on. Their metadata stays what it was.
#include "plugins/recording/file_writer.hpp"
#include "plugins/recording/index_repair.hpp"
#include "plugins/recording/ticks.hpp"
#include "plugins/recording/whole_frames.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace {

using namespace masthead;
using namespace masthead::recording;

constexpr ts::Ticks kFirstPts = 900'000;

Result<void> repeat(const std::filesystem::path& file, const std::filesystem::path& folder, ts::Ticks length,
                    Utc start) {
    const auto index = load_index(file);
    if (!index) {
        return tl::unexpected(index.error());
    }
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const std::vector<WholeFrame> frames = frames_in(as_bytes(text));
    const Gop& last = index->gops.back();
    const ts::Ticks period = ticks_between(index->gops.front().pts, last.pts) + last.ticks;
    Recorder recorder({.folder = folder, .codec = index->codec});
    for (ts::Ticks begin = 0; begin < length; begin += period) {
        for (const WholeFrame& whole : frames) {
            const ts::Ticks since = begin + ticks_between(index->gops.front().pts, whole.pts);
            Frame frame{.pts = kFirstPts + since,
                        .dts = whole.dts ? std::optional(kFirstPts + begin +
                                                         ticks_between(index->gops.front().pts, *whole.dts))
                                         : std::nullopt,
                        .key = whole.key,
                        .header = whole.header.value_or(FrameMessageHeader{}),
                        .access_unit = whole.access_unit,
                        .klv = whole.klv};
            frame.header.utc_us = static_cast<std::uint64_t>((start + duration_of(since)).us);
            if (auto taken = recorder.take(frame); !taken) {
                return taken;
            }
        }
    }
    return recorder.finish();
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "repeat_recording FILE FOLDER SECONDS START_UTC_US\n");
        return 2;
    }
    const auto done = repeat(argv[1], argv[2], std::strtoull(argv[3], nullptr, 10) * 90'000,
                             {std::strtoll(argv[4], nullptr, 10)});
    if (!done) {
        std::fprintf(stderr, "%s\n", done.error().message.c_str());
    }
    return done ? 0 : 1;
}
