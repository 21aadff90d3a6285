// What vehiclesrc's tests share: the element in a pipeline that keeps what comes out, and recordings to play.
#pragma once

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace masthead::test {

inline constexpr std::chrono::seconds kPatience{30};
inline constexpr const char* kPicture = "video/x-raw,width=160,height=120,framerate=25/1";

/// Runs `launch` until its end.
inline void run(const std::string& launch) {
    GError* error = nullptr;
    const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), &error));
    ASSERT_FALSE(error) << error->message;
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
    const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
        bus.get(), 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    EXPECT_TRUE(message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) << launch;
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

inline std::filesystem::path temporary(const std::string& name) {
    return std::filesystem::path(testing::TempDir()) / (std::to_string(g_random_int()) + name);
}

/// A buffer that came out of one of vehiclesrc's pads.
struct Came {
    GstClockTime pts;
    Bytes bytes;
    bool key_frame = false;
};

/// vehiclesrc in a pipeline whose video and KLV are kept.
class Camera {
  public:
    struct Streams {
        std::vector<Came> video;
        std::vector<Came> klv;
    };

    explicit Camera(const std::string& properties) {
        pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
        source_ = Ref<GstElement>::sink(gst_parse_launch(("vehiclesrc " + properties).c_str(), nullptr));
        gst_bin_add(GST_BIN(pipeline_.get()), source_.get());
        g_signal_connect(source_.get(), "pad-added", G_CALLBACK(on_pad), this);
        bus_ = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    }
    ~Camera() { stop(); }
    Camera(const Camera&) = delete;
    Camera& operator=(const Camera&) = delete;

    GstStateChangeReturn start() { return gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
    void stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

    [[nodiscard]] GstElement* source() const { return source_.get(); }
    /// The next `vehicle-source` message with that state, or nothing.
    Owned<GstStructure> wait_for(const std::string& state) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < deadline) {
            const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
                bus_.get(), GST_SECOND,
                static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
            if (!message) {
                continue;
            }
            if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) {
                ended_ = true;
                continue;
            }
            if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
                ADD_FAILURE() << "an error reached the pipeline's bus";
                return nullptr;
            }
            const GstStructure* said = gst_message_get_structure(message.get());
            if (gst_structure_has_name(said, "vehicle-source") &&
                state == gst_structure_get_string(said, "state")) {
                return Owned<GstStructure>(gst_structure_copy(said));
            }
        }
        ADD_FAILURE() << "never became " << state;
        return nullptr;
    }
    bool ends() { return ended_ || wait_for(GST_MESSAGE_EOS); }
    Ref<GstMessage> wait_for(GstMessageType type) {
        return Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus_.get(), 30 * GST_SECOND, type));
    }
    /// Waits until `count` more video buffers came; their PTS.
    std::vector<GstClockTime> frames(std::size_t count) {
        std::unique_lock lock(mutex_);
        const std::size_t before = came_.video.size();
        changed_.wait_for(lock, kPatience, [&] { return came_.video.size() >= before + count; });
        std::vector<GstClockTime> pts;
        for (std::size_t i = before; i < came_.video.size(); ++i) {
            pts.push_back(came_.video[i].pts);
        }
        return pts;
    }
    /// Everything that came, once `done` says so or patience ends.
    Streams when(const std::function<bool(const Streams&)>& done) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kPatience, [&] { return done(came_); });
        return came_;
    }
    Streams came() {
        const std::lock_guard lock(mutex_);
        return came_;
    }
    std::size_t key_frames() {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count_if(came_.video, &Came::key_frame));
    }
    std::string pads() {
        const std::lock_guard lock(mutex_);
        return pads_;
    }

  private:
    static void on_pad(GstElement*, GstPad* pad, gpointer data) {
        auto* self = static_cast<Camera*>(data);
        const std::string name = take_string(gst_pad_get_name(pad));
        {
            const std::lock_guard lock(self->mutex_);
            self->pads_ += name + ' ';
        }
        GstElement* sink = gst_element_factory_make("fakesink", nullptr);
        g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
        gst_bin_add(GST_BIN(self->pipeline_.get()), sink);
        gst_element_sync_state_with_parent(sink);
        const auto entry = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
        gst_pad_link(pad, entry.get());
        if (name == "video") {
            gst_pad_add_probe(entry.get(), GST_PAD_PROBE_TYPE_BUFFER, on_buffer<&Streams::video>, self,
                              nullptr);
        } else if (name == "klv") {
            gst_pad_add_probe(entry.get(), GST_PAD_PROBE_TYPE_BUFFER, on_buffer<&Streams::klv>, self,
                              nullptr);
        }
    }
    template <std::vector<Came> Streams::*list>
    static GstPadProbeReturn on_buffer(GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* self = static_cast<Camera*>(data);
        GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
        const BufferMap map(buffer);
        const std::lock_guard lock(self->mutex_);
        (self->came_.*list)
            .push_back({GST_BUFFER_PTS(buffer),
                        {map.bytes().begin(), map.bytes().end()},
                        !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)});
        self->changed_.notify_all();
        return GST_PAD_PROBE_OK;
    }

    Ref<GstElement> pipeline_;
    Ref<GstElement> source_;
    Ref<GstBus> bus_;
    bool ended_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    Streams came_;     // guarded by mutex_
    std::string pads_; // guarded by mutex_
};

/// Of a camera that fell silent just now.
inline void expect_said_within_four_seconds(Camera& camera) {
    const auto silent = std::chrono::steady_clock::now();
    const auto retrying = camera.wait_for("retrying");
    ASSERT_TRUE(retrying);
    EXPECT_LT(std::chrono::steady_clock::now() - silent, std::chrono::seconds(4));
    EXPECT_STREQ(gst_structure_get_string(retrying.get(), "detail"),
                 "the camera stopped sending; trying again");
}

} // namespace masthead::test
