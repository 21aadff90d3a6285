// RtspOutput: an RTSP server with one stream, MPEG-TS with KLV, shared by its clients.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "server/config/restream.hpp"
#include "server/worker/frame_tap.hpp"

#include <gst/rtsp-server/rtsp-server.h>

namespace masthead::worker {

/// Made and destroyed on the thread of its context; clients are served by threads of the RTSP server's own.
/// The stream runs while somebody watches. A client that does not read is cut off.
class RtspOutput {
  public:
    /// Listens at once. Error: unavailable, such as a port that is taken.
    [[nodiscard]] static Result<std::unique_ptr<RtspOutput>>
    create(const Restream& output, std::shared_ptr<FrameTap> tap, GMainContext* context);
    ~RtspOutput();
    RtspOutput(const RtspOutput&) = delete;
    RtspOutput& operator=(const RtspOutput&) = delete;

  private:
    RtspOutput() = default;

    Ref<GstRTSPServer> server_;
    Owned<GSource> listening_;
    Owned<GSource> tidying_; // looks at the clients once a second
};

} // namespace masthead::worker
