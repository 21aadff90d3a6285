// Serves a simulated camera by RTSP. Encodes only while somebody watches; all viewers share one encoder.
#pragma once

#include "plugins/bytes/result.hpp"
#include "simulator/camera.hpp"

#include <gst/rtsp-server/rtsp-server.h>

namespace masthead::sim {

class RtspCamera {
  public:
    struct Options {
        std::string address = "127.0.0.1";
        int port = 8554; // 0: any free one
    };
    /// Serves rtsp://ADDRESS:PORT/camera from the default main context until destroyed. Errors: unavailable,
    /// naming the port (in use, not permitted); not_found for a missing element.
    [[nodiscard]] static Result<RtspCamera> create(const Options& options, const CameraScene& scene);
    RtspCamera(RtspCamera&&) = default;
    ~RtspCamera();
    [[nodiscard]] int port() const;

  private:
    RtspCamera() = default;
    Ref<GstRTSPServer> server_;
    Owned<GSource> source_;
};

} // namespace masthead::sim
