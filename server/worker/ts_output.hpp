// A pipeline that sends a camera's frames with their KLV as MPEG-TS: by UDP, by SRT, or into an RTSP server.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "server/config/restream.hpp"

#include <string>

namespace masthead::worker {

/// From an appsrc named `frames` to MPEG-TS with KLV in whole datagrams; a sink or payloader comes behind it.
/// A frame's video goes first, then its KLV, each through a queue: without these mpegtsmux 1.22 hangs.
inline constexpr const char* kTsLaunch =
    "appsrc name=frames is-live=true format=time max-bytes=0 ! klvsplit name=split "
    "split.src ! queue name=video ! mpegtsmux name=mux alignment=7 split.klv_src ! queue name=klv ! mux. "
    "mux. ! ";

struct TsOutput {
    Ref<GstElement> pipeline; // runs by the system clock
    Ref<GstElement> frames;   // its appsrc
};

/// In state NULL. `target` is UDP or SRT. Errors: unavailable (an element is not installed), not_found (no
/// passphrase where the recipe says), invalid_argument (one of a wrong length).
[[nodiscard]] Result<TsOutput> build_ts_output(const Restream& output);

/// "srt://192.0.2.7:9000": where it goes, for people.
[[nodiscard]] std::string shown(const Restream& output);

} // namespace masthead::worker
