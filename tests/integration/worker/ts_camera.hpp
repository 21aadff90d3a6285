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
    std::string sound;     // elements that end with encoded audio; empty: none
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
            (options.sound.empty() ? "" : options.sound + " ! queue name=sound ! mux. ") +
            "mpegtsmux name=mux alignment=7 ! udpsink host=127.0.0.1 sync=false port=" + std::to_string(port);
        GError* error = nullptr;
        pipeline_ = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
        const Owned<GError> owned(error);
        EXPECT_EQ(error, nullptr) << (error ? error->message : "");
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    /// Its sound breaks off.
    void silence() const {
        const auto sound = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sound"));
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sound.get(), "src"));
        const auto mux = Ref<GstPad>::adopt(gst_pad_get_peer(pad.get()));
        gst_pad_send_event(mux.get(), gst_event_new_eos()); // or the muxer waits for it
        const auto drop = +[](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_DROP; };
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, drop, nullptr, nullptr);
    }
    ~TsCamera() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    TsCamera(const TsCamera&) = delete;
    TsCamera& operator=(const TsCamera&) = delete;

  private:
    Ref<GstElement> pipeline_;
};

} // namespace masthead::test
