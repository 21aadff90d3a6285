#include "server/archive/playlist.hpp"

#include "plugins/recording/gop_time.hpp"
#include "plugins/recording/ticks.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace masthead::archive {

namespace {

using recording::duration_of;
using recording::Gop;
using std::chrono::microseconds;

constexpr microseconds kDateTolerance{1'000};

ts::Ticks since(const Gop& gop, const Gop& next) { return recording::ticks_between(gop.pts, next.pts); }

struct Segment {
    const Gop* gop;
    const PlaylistFile* file;
    ts::Ticks ticks;
    bool discontinuity;
};

/// `gops` in order; their durations, and where they do not follow.
std::vector<Segment> joined(std::vector<Segment> segments, bool files_begin_anew) {
    for (std::size_t i = 0; i < segments.size(); ++i) {
        Segment& segment = segments[i];
        segment.ticks = segment.gop->ticks;
        if (i + 1 == segments.size()) {
            break;
        }
        Segment& next = segments[i + 1];
        const bool goes_on = recording::follows(*segment.gop, *next.gop);
        if (goes_on) {
            segment.ticks = since(*segment.gop, *next.gop);
        }
        next.discontinuity = !goes_on || (files_begin_anew && next.file != segment.file);
    }
    return segments;
}

std::string date_of(Utc time) {
    const std::string text = to_iso8601(time + microseconds(500)); // rounded
    return text.substr(0, text.size() - 4) + "Z";
}

/// A day has tens of thousands of segments: what is written for each is written in place.
void append(std::string& text, std::uint64_t number, std::size_t digits = 1) {
    char written[20];
    const char* end = std::to_chars(std::begin(written), std::end(written), number).ptr;
    const auto length = static_cast<std::size_t>(end - written);
    text.append(digits - std::min(digits, length), '0').append(written, length);
}

/// In seconds, rounded to microseconds.
void append_duration(std::string& text, ts::Ticks ticks) {
    const std::uint64_t us = (ticks * 100 + 4) / 9;
    append(text, us / 1'000'000);
    text += '.';
    append(text, us % 1'000'000, 6);
}

/// Where its bytes are.
void append_place(std::string& text, const Segment& segment, Container container) {
    const Gop& gop = *segment.gop;
    if (container == Container::fmp4) {
        text += segment.file->uri;
        append(text += "/gop.m4s?at=", gop.offset);
        append(text += "&bytes=", gop.bytes);
        append(text += "&ticks=", segment.ticks);
    } else {
        append(text += "#EXT-X-BYTERANGE:", gop.bytes);
        append(text += '@', gop.offset);
        (text += '\n') += segment.file->uri;
    }
    text += '\n';
}

std::string lines_of(const std::vector<Segment>& segments, Container container) {
    std::string text;
    const PlaylistFile* described = nullptr;
    text.reserve(segments.size() * 96);
    std::optional<Utc> expected;
    for (const Segment& segment : segments) {
        const Gop& gop = *segment.gop;
        if (segment.discontinuity) {
            text += "#EXT-X-DISCONTINUITY\n";
        }
        const microseconds off = expected ? gop.time - *expected : kDateTolerance;
        if (segment.discontinuity || off >= kDateTolerance || off <= -kDateTolerance) {
            text += "#EXT-X-PROGRAM-DATE-TIME:" + date_of(gop.time) + "\n";
            expected = gop.time;
        }
        expected = *expected + duration_of(segment.ticks);
        if (segment.file->missing) {
            text += "#EXT-X-GAP\n";
        }
        if (container == Container::fmp4 && std::exchange(described, segment.file) != segment.file) {
            text += "#EXT-X-MAP:URI=\"" + segment.file->uri + "/init.mp4\"\n";
        }
        append_duration(text += "#EXTINF:", segment.ticks);
        append_place(text += ",\n", segment, container);
    }
    return text;
}

std::string head_of(const std::vector<Segment>& segments, Container container) {
    ts::Ticks longest = 0;
    bool gaps = false;
    for (const Segment& segment : segments) {
        longest = std::max(longest, segment.ticks);
        gaps = gaps || segment.file->missing;
    }
    return std::string("#EXTM3U\n#EXT-X-VERSION:") +
           (gaps                           ? "8"
            : container == Container::fmp4 ? "7"
                                           : "6") +
           "\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:" +
           std::to_string((longest + 89'999) / 90'000) + "\n";
}

} // namespace

std::string vod_playlist(const std::vector<PlaylistFile>& files, Utc from, Utc to, Container container) {
    std::vector<Segment> wanted;
    for (const PlaylistFile& file : files) {
        for (const Gop& gop : file.gops) {
            if (recording::touches(gop, from, to)) {
                wanted.push_back({&gop, &file, 0, false});
            }
        }
    }
    if (wanted.empty()) {
        return {};
    }
    const auto segments = joined(std::move(wanted), false);
    return head_of(segments, container) + "#EXT-X-PLAYLIST-TYPE:VOD\n" + lines_of(segments, container) +
           "#EXT-X-ENDLIST\n";
}

std::string live_playlist(const std::vector<PlaylistFile>& files, std::chrono::seconds window) {
    std::vector<Segment> newest; // backwards
    ts::Ticks left = static_cast<ts::Ticks>(window.count()) * 90'000;
    for (auto file = files.rbegin(); file != files.rend() && left > 0; ++file) {
        for (auto gop = file->gops.rbegin(); gop != file->gops.rend() && left > 0; ++gop) {
            newest.push_back({&*gop, &*file, 0, false});
            left -= std::min(left, gop->ticks);
        }
    }
    if (newest.empty()) {
        return {};
    }
    std::ranges::reverse(newest);
    const Segment first = newest.front();
    const auto number = first.file->first_gop + (first.gop - first.file->gops.data());
    const auto segments = joined(std::move(newest), true);
    return head_of(segments, Container::ts) + "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(number) +
           "\n#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(first.file->number) + "\n" +
           lines_of(segments, Container::ts);
}

} // namespace masthead::archive
