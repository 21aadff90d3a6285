#include "server/worker/rendition_gate.hpp"

#include <gst/video/video.h>

#include <atomic>
#include <deque>

namespace masthead::worker {

namespace {

constexpr const char* kKey = "masthead-rendition-gate";
constexpr std::size_t kMostBytes = 16 << 20;
constexpr GstClockTime kMostTime = 10 * GST_SECOND;
constexpr GstClockTime kBetweenRequests = GST_SECOND;

using Shared = std::shared_ptr<RenditionGate>;

bool is_key_frame(GstBuffer* frame) { return !GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT); }

} // namespace

struct RenditionGate::State {
    std::atomic<bool> is_open{true};
    std::atomic<GstClockTime> first_wanted{0}; // PTS

    // The streaming thread's:
    std::deque<Ref<GstBuffer>> kept; // begins with a key frame
    std::size_t kept_bytes = 0;
    bool rests = false;   // nothing passed since it was closed
    bool replays = false; // what passes now was kept
    bool waits = false;   // for a key frame
    GstClockTime asked = 0;

    void forget() {
        kept.clear();
        kept_bytes = 0;
    }

    void keep(GstBuffer* frame) {
        if (is_key_frame(frame)) {
            forget();
        } else if (kept.empty()) {
            return;
        }
        kept.push_back(Ref<GstBuffer>::share(frame));
        kept_bytes += gst_buffer_get_size(frame);
        const GstClockTime first = GST_BUFFER_PTS(kept.front().get());
        const bool is_long = GST_BUFFER_PTS_IS_VALID(frame) && GST_CLOCK_TIME_IS_VALID(first) &&
                             GST_BUFFER_PTS(frame) > first + kMostTime;
        if (kept_bytes > kMostBytes || is_long) {
            forget(); // of no use without its beginning
        }
    }

    /// Gives the decoder what leads to `frame`, which comes next.
    void wake(GstPad* pad, GstBuffer* frame) {
        rests = false;
        if (is_key_frame(frame)) {
            forget();
            return;
        }
        waits = kept.empty();
        if (GST_BUFFER_PTS_IS_VALID(frame)) {
            first_wanted = GST_BUFFER_PTS(frame);
        }
        replays = true;
        bool flows = true;
        for (bool is_first = true; !kept.empty() && flows; is_first = false) {
            auto buffer = std::move(kept.front());
            kept.pop_front();
            if (is_first) {
                buffer = Ref<GstBuffer>::adopt(gst_buffer_make_writable(buffer.release()));
                GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
            }
            flows = gst_pad_push(pad, buffer.release()) == GST_FLOW_OK;
        }
        replays = false;
        forget();
    }

    [[nodiscard]] bool passes(GstPad* pad, GstBuffer* frame) {
        if (replays) {
            return true;
        }
        if (!is_open) {
            rests = true;
            keep(frame);
            return false;
        }
        if (rests) {
            wake(pad, frame);
        }
        waits = waits && !is_key_frame(frame);
        const GstClockTime now = static_cast<GstClockTime>(g_get_monotonic_time()) * GST_USECOND;
        if (waits && now > asked + kBetweenRequests) {
            asked = now;
            // An encoder of ours makes one; a camera's own come when they come.
            gst_pad_send_event(pad,
                               gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
        }
        return !waits;
    }
};

RenditionGate::RenditionGate() : state_(std::make_unique<State>()) {}
RenditionGate::~RenditionGate() = default;

GstPadProbeReturn RenditionGate::on_frame(GstPad* pad, GstPadProbeInfo* info, gpointer gate) {
    State& state = *(*static_cast<Shared*>(gate))->state_;
    return state.passes(pad, GST_PAD_PROBE_INFO_BUFFER(info)) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

std::shared_ptr<RenditionGate> RenditionGate::of(GstPad* pad) {
    const GDestroyNotify drop = [](gpointer gate) {
        const std::unique_ptr<Shared> owned(static_cast<Shared*>(gate));
    };
    if (const auto* known = static_cast<Shared*>(g_object_get_data(G_OBJECT(pad), kKey))) {
        return *known;
    }
    auto gate = std::make_shared<RenditionGate>();
    g_object_set_data_full(G_OBJECT(pad), kKey, std::make_unique<Shared>(gate).release(), drop);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, std::make_unique<Shared>(gate).release(),
                      drop);
    return gate;
}

bool RenditionGate::is_closed_at(GstPad* pad) {
    const auto* known = static_cast<Shared*>(g_object_get_data(G_OBJECT(pad), kKey));
    return known && !(*known)->state_->is_open;
}

void RenditionGate::open() { state_->is_open = true; }
void RenditionGate::close() { state_->is_open = false; }

bool RenditionGate::is_only_reference(GstClockTime pts) const {
    return GST_CLOCK_TIME_IS_VALID(pts) && pts < state_->first_wanted;
}

} // namespace masthead::worker
