#include "server/recording/clip.hpp"

#include "plugins/recording/file_names.hpp"
#include "plugins/recording/frame_unpacker.hpp"
#include "plugins/recording/index_repair.hpp"
#include "plugins/recording/ticks.hpp"

#include <algorithm>
#include <fstream>
#include <set>

namespace masthead::recording_tool {
namespace {

constexpr std::size_t kChunk = 1 << 20;
constexpr std::chrono::hours kLongestFile{25};

/// "DAY/TIME" of all files that may have a part of [from, to), also of those that only have an index.
std::set<std::string> stems(const std::filesystem::path& folder, Utc from, Utc to) {
    const std::string first = recording::stem_of(
        from - std::min<std::chrono::microseconds>(kLongestFile, std::chrono::microseconds(from.us)));
    const std::string last = recording::stem_of(to);
    std::set<std::string> found;
    std::error_code error;
    for (const auto& day : std::filesystem::directory_iterator(folder, error)) {
        for (const auto& entry : std::filesystem::directory_iterator(day, error)) {
            const auto extension = entry.path().extension();
            const std::string stem = (day.path().filename() / entry.path().stem()).string();
            if ((extension == recording::kExtension || extension == ".idx") && stem >= first &&
                stem <= last) {
                found.insert(stem);
            }
        }
    }
    return found;
}

/// Where the clip's last piece ends, if it ends there.
bool goes_on(const Clip& clip, const Piece& piece) {
    return !clip.pieces.empty() && clip.pieces.back().codec == piece.codec &&
           recording::follows(clip.pieces.back().gops.back(), piece.gops.front());
}

void add(Clip& clip, Piece piece) {
    if (piece.gops.empty()) {
        return;
    }
    piece.goes_on = goes_on(clip, piece);
    for (const recording::Gop& gop : piece.gops) {
        const bool first = clip.frames == 0;
        clip.from = first ? gop.time : std::min(clip.from, gop.time);
        clip.to = first ? recording::end_of(gop) : std::max(clip.to, recording::end_of(gop));
        clip.frames += gop.frames;
    }
    clip.bytes += piece.bytes();
    clip.pieces.push_back(std::move(piece));
}

/// What of one file [from, to) touches: more than one piece where its clock stepped back.
void add_file(Clip& clip, const Piece& file, const std::vector<recording::Gop>& gops, Utc from, Utc to) {
    Piece piece = file;
    for (const recording::Gop& gop : gops) {
        if (recording::touches(gop, from, to)) {
            piece.gops.push_back(gop);
        } else {
            add(clip, std::exchange(piece, file));
        }
    }
    add(clip, std::move(piece));
}

/// Tells receivers of the frames of one piece after the other.
class FrameTeller {
  public:
    explicit FrameTeller(const std::vector<FrameReceiver*>& receivers) : receivers_(receivers) {}

    Result<void> feed(const Piece& piece, ByteSpan bytes) {
        unpacker_.feed(bytes, [&](const recording::Frame& frame) { tell(piece, frame); });
        return result_;
    }
    Result<void> finish(const Piece& piece) {
        unpacker_.finish([&](const recording::Frame& frame) { tell(piece, frame); });
        piece_ = nullptr;
        return result_;
    }

  private:
    void tell(const Piece& piece, const recording::Frame& frame) {
        const bool begins = piece_ != &piece;
        piece_ = &piece;
        if (frame.header.utc_us != 0) {
            time_ = {static_cast<std::int64_t>(frame.header.utc_us)};
        } else {
            time_ = begins ? piece.gops.front().time
                           : time_ + recording::duration_of(recording::ticks_between(pts_, frame.pts));
        }
        pts_ = frame.pts;
        const ClipFrame told{.frame = frame,
                             .piece = piece,
                             .number = number_++,
                             .time = time_,
                             .goes_on = !begins || piece.goes_on};
        for (FrameReceiver* receiver : receivers_) {
            if (result_) {
                result_ = receiver->take(told);
            }
        }
    }

    const std::vector<FrameReceiver*>& receivers_;
    recording::FrameUnpacker unpacker_;
    const Piece* piece_ = nullptr; // of the newest frame
    Utc time_;
    ts::Ticks pts_ = 0;
    std::uint64_t number_ = 0;
    Result<void> result_;
};

} // namespace

Result<recording::Index> index_for(const std::filesystem::path& file) {
    std::error_code error;
    if (std::filesystem::exists(recording::index_of(file), error)) {
        return recording::load_index(file);
    }
    return recording::scan(file).and_then(
        [](const std::string& text) { return recording::parse_index(text); });
}

Result<Clip> find_clip(const std::filesystem::path& folder, Utc from, Utc to) {
    const auto whole = std::filesystem::absolute(folder / "").lexically_normal().parent_path();
    Clip clip{.vehicle = whole.parent_path().filename(), .camera = whole.filename()};
    for (const std::string& stem : stems(whole, from, to)) {
        const auto path = whole / (stem + std::string(recording::kExtension));
        const auto index = index_for(path);
        if (!index) {
            return tl::unexpected(index.error());
        }
        const std::size_t before = clip.pieces.size();
        add_file(clip,
                 {.path = path,
                  .file = stem + std::string(recording::kExtension),
                  .codec = index->codec,
                  .gops = {}},
                 index->gops, from, to);
        std::error_code error;
        if (clip.pieces.size() > before && !std::filesystem::exists(path, error)) {
            return fail(Code::unavailable,
                        "the recorded file " + clip.pieces.back().file +
                            " is not there (any more): it was removed, or its disk is missing");
        }
    }
    return clip.pieces.empty() ? fail(Code::not_found, "nothing was recorded by this camera in this time")
                               : Result<Clip>(std::move(clip));
}

Result<void> read_clip(const Clip& clip, const ClipReaders& readers) {
    FrameTeller teller(readers.frames);
    Bytes chunk(kChunk);
    std::uint64_t done = 0;
    for (const Piece& piece : clip.pieces) {
        std::ifstream file(piece.path, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(piece.offset()));
        for (std::uint64_t left = piece.bytes(); left > 0;) {
            const std::size_t wanted = std::min<std::uint64_t>(left, chunk.size());
            if (!file.read(reinterpret_cast<char*>(chunk.data()), static_cast<std::streamsize>(wanted))) {
                return fail(Code::unavailable, "the recorded file " + piece.file +
                                                   " cannot be read to the end that its index names");
            }
            const ByteSpan bytes = ByteSpan(chunk).first(wanted);
            auto taken = readers.bytes ? readers.bytes(bytes) : Result<void>();
            if (taken && !readers.frames.empty()) {
                taken = teller.feed(piece, bytes);
            }
            if (!taken) {
                return taken;
            }
            left -= wanted;
            done += wanted;
            if (readers.progress) {
                readers.progress(done);
            }
        }
        if (auto finished = teller.finish(piece); !finished) {
            return finished;
        }
    }
    for (FrameReceiver* receiver : readers.frames) {
        if (auto finished = receiver->finish(); !finished) {
            return finished;
        }
    }
    return {};
}

} // namespace masthead::recording_tool
