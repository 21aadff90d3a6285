#include "server/recording/own_file.hpp"

#include "plugins/recording/frame_unpacker.hpp"
#include "plugins/recording/ticks.hpp"

#include <fstream>

namespace masthead::recording_tool {

namespace {

constexpr std::size_t kChunk = 1 << 20;
constexpr int kLookedAt = 8; // chunks of a file's beginning

/// From the PTS of frames, which wraps, to one time line.
class TimeLine {
  public:
    std::int64_t place(ts::Ticks pts) {
        const ts::Ticks ahead = recording::ticks_between(last_, pts);
        const auto step = static_cast<std::int64_t>(ahead);
        place_ += ahead < ts::kTicksWrap / 2 ? step : step - static_cast<std::int64_t>(ts::kTicksWrap);
        last_ = pts;
        return place_;
    }

  private:
    ts::Ticks last_ = 0;
    std::int64_t place_ = 0;
};

} // namespace

bool is_own(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    recording::FrameUnpacker unpacker;
    Bytes chunk(kChunk);
    bool marked = false;
    for (int i = 0; i < kLookedAt && file && !marked; ++i) {
        file.read(reinterpret_cast<char*>(chunk.data()), kChunk);
        unpacker.feed(ByteSpan(chunk).first(static_cast<std::size_t>(file.gcount())),
                      [&](const recording::Frame& frame) { marked |= frame.header.utc_us != 0; });
    }
    return marked;
}

Result<SourceFacts> read_own(const std::filesystem::path& path, const SourceReaders& readers) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail(Code::not_found, path.string() + " cannot be read");
    }
    SourceFacts facts{.container = "MPEG-TS"};
    TimeLine line;
    Result<void> taken;
    recording::FrameUnpacker unpacker;
    const auto take = [&](const recording::Frame& frame) {
        if (frame.header.utc_us == 0) {
            ++facts.without_time;
        } else if (taken) {
            ++facts.frames;
            recording::Frame same = frame;
            same.dts = frame.dts == frame.pts ? std::nullopt : frame.dts;
            taken = readers.frame({.frame = same, .ticks = line.place(frame.pts), .sei = {}});
        }
    };
    Bytes chunk(kChunk);
    while (file && taken) {
        file.read(reinterpret_cast<char*>(chunk.data()), kChunk);
        unpacker.feed(ByteSpan(chunk).first(static_cast<std::size_t>(file.gcount())), take);
    }
    unpacker.finish(take);
    facts.codec = unpacker.codec().value_or(recording::Codec::h264);
    return taken ? Result<SourceFacts>(facts) : tl::unexpected(taken.error());
}

} // namespace masthead::recording_tool
