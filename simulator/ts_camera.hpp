// Sends a simulated camera as MPEG-TS over UDP: H.264 with MISP-time SEI and one ST 0601 packet a frame
// (asynchronous KLV) that carries the frame's counter.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "simulator/camera.hpp"

#include <functional>
#include <memory>
#include <string>

namespace masthead::sim {

/// The frame's ST 0601 packet: its sample, item 2 the capture time as POSIX microseconds, and item 74 (VMTI,
/// ST 0903) with the frame's number modulo 2^24.
[[nodiscard]] Result<Bytes> frame_klv(const Frame& frame);

class TsCamera {
    struct Key {}; // lets create() alone construct

  public:
    struct Options {
        std::string address = "127.0.0.1";
        int port = 15600;
    };
    /// Plays until destroyed. `failed` is called on the default main context when the pipeline dies. Errors:
    /// not_found for a missing element, unavailable.
    [[nodiscard]] static Result<std::unique_ptr<TsCamera>>
    create(const Options& options, const CameraScene& scene, std::function<void(const Error&)> failed);
    TsCamera(Key, std::function<void(const Error&)> failed) : failed_(std::move(failed)) {}
    TsCamera(const TsCamera&) = delete;
    TsCamera& operator=(const TsCamera&) = delete;
    ~TsCamera();

  private:
    static gboolean on_message(GstBus* bus, GstMessage* message, gpointer self);

    std::function<void(const Error&)> failed_;
    Ref<GstElement> pipeline_;
    Owned<GSource> bus_watch_;
    std::unique_ptr<CameraFeed> feed_;
};

} // namespace masthead::sim
