// A pipeline that hands out a camera's frames with their KLV as MPEG-TS: by UDP, by SRT, into an RTSP server,
// or onto the disk.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "server/config/restream.hpp"

#include <string>

namespace masthead::worker {

/// What an RTSP server makes when somebody asks: MPEG-TS with KLV in RTP, in one stream, because that is what
/// ffprobe and others find the KLV in.
[[nodiscard]] std::string rtsp_launch();

struct TsOutput {
    Ref<GstElement> pipeline; // runs by the system clock
    Ref<GstElement> frames;   // its appsrc
};

/// In state NULL, without its passphrase. Of RTSP it is what its server makes, to look at. Error: unavailable
/// (an element is not installed).
[[nodiscard]] Result<TsOutput> build_ts_output(const Restream& output);

/// Reads the passphrase where the recipe says. Errors: not_found; invalid_argument (one of a wrong length).
[[nodiscard]] Result<void> add_passphrase(const TsOutput& made, const Restream& output);

/// "srt://192.0.2.7:9000": where it goes, for people.
[[nodiscard]] std::string shown(const Restream& output);

} // namespace masthead::worker
