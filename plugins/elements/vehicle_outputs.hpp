// vehiclesrc's source pads: they come with their streams, and stay and go on in time while connections come
// and go.
#pragma once

#include "plugins/elements/nal.hpp"
#include "plugins/elements/source_pipeline.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/gst.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>

namespace masthead {

/// What was found in the streams of the present connection.
struct StreamFacts {
    std::string codec; // "H.264", "H.265"; empty: no video yet
    std::string profile;
    int width = 0;
    int height = 0;
    bool b_frames = false;
    bool klv = false;
    bool audio = false;
    friend bool operator==(const StreamFacts&, const StreamFacts&) = default;
};

/// Threads: push and ended run on the connection's streaming threads, one a stream; the rest on the thread
/// that owns the element's state. A mutex guards the facts and is never held across a push.
class VehicleOutputs {
  public:
    /// `element` owns this and the pads. `changed` is called, on any thread, when the facts change or data
    /// begins.
    /// `key_frame_wanted`: downstream asks, on any thread.
    VehicleOutputs(GstElement* element, std::function<void()> changed, std::function<void()> key_frame_wanted)
        : element_(element), changed_(std::move(changed)), key_frame_wanted_(std::move(key_frame_wanted)) {}

    [[nodiscard]] GstFlowReturn push(Stream stream, GstSample* sample);
    void end(Stream stream);

    /// Before each connection: no stream of an earlier one may still run.
    void begin_connection(bool continue_after_last);
    /// After the last connection, with the pads' data flow stopped.
    void remove_pads();

    [[nodiscard]] StreamFacts facts() const;
    /// Of the newest buffer of this connection, steady clock; 0: none yet.
    [[nodiscard]] std::int64_t last_data_ns() const noexcept { return last_data_ns_; }
    /// Live data is dropped while the element is paused.
    void set_flowing(bool flowing) noexcept { flowing_ = flowing; }

  private:
    struct Output {
        GstPad* pad = nullptr; // owned by the element
        Ref<GstCaps> caps;     // as they came
        bool discont = true;
        GstClockTime end = 0; // of the newest buffer
        GstClockTime pts = GST_CLOCK_TIME_NONE;
        GstClockTime step = 0;   // between the last two
        unsigned untold = 0;     // buffers in a row that came without PTS
        unsigned times_back = 0; // PTS went backwards
        std::optional<nal::Format> format;
    };
    void add_pad(Stream stream, Output& output, const Ref<GstCaps>& caps);
    void take_caps(Stream stream, Output& output, GstCaps* caps);
    static void take_time(Output& output, GstBuffer* buffer);
    void watch_order(Output& output, GstBuffer* buffer);
    void note(const std::function<void(StreamFacts&)>& change);
    [[nodiscard]] Ref<GstBuffer> restamped(Output& output, GstSample* sample) const;

    GstElement* element_;
    std::function<void()> changed_;
    std::function<void()> key_frame_wanted_;
    std::array<Output, kStreams.size()> outputs_;
    guint group_id_ = gst_util_group_id_next();
    GstClockTime offset_ = 0; // of this connection's running time, for sources that are not live
    std::atomic<std::int64_t> last_data_ns_{0};
    std::atomic<bool> flowing_{true};
    mutable std::mutex mutex_;
    StreamFacts facts_; // guarded by mutex_
};

} // namespace masthead
