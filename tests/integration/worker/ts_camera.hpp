// A camera for worker tests: H.264 in MPEG-TS over UDP to 127.0.0.1, playing from construction to
// destruction.
#pragma once

#include "plugins/glib/ref.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace masthead::test {

struct TsOptions {
    int b_frames = 0;
    std::string telemetry; // a link's URI: what it says is embedded as KLV
};

class TsCamera {
  public:
    explicit TsCamera(std::uint16_t port, const TsOptions& options = {}) {
        const bool b_frames = options.b_frames > 0;
        const std::string video =
            "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1 ! "
            "x264enc speed-preset=ultrafast key-int-max=15 bframes=" +
            std::to_string(options.b_frames) + (b_frames ? " b-adapt=false" : " tune=zerolatency") +
            " ! video/x-h264,profile=" + (b_frames ? "main" : "constrained-baseline") +
            " ! h264parse config-interval=-1 ! ";
        const std::string klv =
            "klvsync name=sync ! queue ! mux. sync.klv_src ! queue ! mux. telemetrysrc uri=" +
            options.telemetry + " ! sync.klv_sink ";
        const std::string line =
            video + (options.telemetry.empty() ? "mux. " : klv) +
            "mpegtsmux name=mux alignment=7 ! udpsink host=127.0.0.1 sync=false port=" + std::to_string(port);
        GError* error = nullptr;
        pipeline_ = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
        const Owned<GError> owned(error);
        EXPECT_EQ(error, nullptr) << (error ? error->message : "");
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~TsCamera() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    TsCamera(const TsCamera&) = delete;
    TsCamera& operator=(const TsCamera&) = delete;

  private:
    Ref<GstElement> pipeline_;
};

} // namespace masthead::test
