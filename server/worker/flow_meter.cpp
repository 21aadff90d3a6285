#include "server/worker/flow_meter.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace masthead::worker {

namespace {

constexpr const char* kKey = "masthead-flow-meter";
constexpr std::size_t kRemembered = 64; // passings, for latency

struct Passing {
    GstClockTime pts = GST_CLOCK_TIME_NONE;
    gint64 at_us = 0; // monotonic
};

using Shared = std::shared_ptr<FlowMeter>;

} // namespace

struct FlowMeter::State {
    mutable std::mutex mutex; // guards all below
    std::uint64_t buffers = 0;
    std::uint64_t bytes = 0;
    gint64 longest_gap_us = 0;
    gint64 last_us = 0;
    std::array<Passing, kRemembered> passings{};
    std::size_t next = 0;

    std::uint64_t read_buffers = 0; // at the last reading
    std::uint64_t read_bytes = 0;
    gint64 read_us = g_get_monotonic_time();

    void pass(GstBuffer* buffer) {
        const gint64 now_us = g_get_monotonic_time();
        const std::scoped_lock lock(mutex);
        ++buffers;
        bytes += gst_buffer_get_size(buffer);
        if (last_us > 0) {
            longest_gap_us = std::max(longest_gap_us, now_us - last_us);
        }
        last_us = now_us;
        passings[next] = {GST_BUFFER_PTS(buffer), now_us};
        next = (next + 1) % kRemembered;
    }
};

FlowMeter::FlowMeter() : state_(std::make_unique<State>()) {}
FlowMeter::~FlowMeter() = default;

GstPadProbeReturn FlowMeter::on_data(GstPad*, GstPadProbeInfo* info, gpointer meter) {
    State& state = *(*static_cast<Shared*>(meter))->state_;
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) {
        state.pass(GST_PAD_PROBE_INFO_BUFFER(info));
    } else {
        GstBufferList* const list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
        for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
            state.pass(gst_buffer_list_get(list, i));
        }
    }
    return GST_PAD_PROBE_OK;
}

std::shared_ptr<FlowMeter> FlowMeter::of(GstPad* pad) {
    const GDestroyNotify drop = [](gpointer meter) { delete static_cast<Shared*>(meter); };
    if (const auto* known = static_cast<Shared*>(g_object_get_data(G_OBJECT(pad), kKey))) {
        return *known;
    }
    auto meter = std::make_shared<FlowMeter>();
    g_object_set_data_full(G_OBJECT(pad), kKey, new Shared(meter), drop);
    gst_pad_add_probe(
        pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        on_data, new Shared(meter), drop);
    return meter;
}

Flow FlowMeter::read() {
    State& state = *state_;
    const gint64 now_us = g_get_monotonic_time();
    const std::scoped_lock lock(state.mutex);
    const double seconds = static_cast<double>(std::max<gint64>(now_us - state.read_us, 1)) / 1e6;
    // A stream that has stopped has a gap that is still growing.
    const gint64 open_gap_us = state.last_us > 0 ? now_us - state.last_us : 0;
    const Flow flow{
        .buffers_per_s = static_cast<double>(state.buffers - state.read_buffers) / seconds,
        .kbit_per_s = static_cast<double>(state.bytes - state.read_bytes) * 8 / 1000 / seconds,
        .buffers = state.buffers,
        .gap_ms = static_cast<double>(std::max(state.longest_gap_us, open_gap_us)) / 1000,
    };
    state.read_buffers = state.buffers;
    state.read_bytes = state.bytes;
    state.read_us = now_us;
    state.longest_gap_us = 0;
    return flow;
}

std::optional<double> FlowMeter::latency_after(const FlowMeter& before) const {
    const std::scoped_lock lock(state_->mutex, before.state_->mutex);
    gint64 sum_us = 0;
    int found = 0;
    for (const Passing& here : state_->passings) {
        const auto there = std::ranges::find_if(before.state_->passings, [&](const Passing& passing) {
            return passing.at_us > 0 && passing.pts == here.pts && passing.at_us <= here.at_us;
        });
        if (GST_CLOCK_TIME_IS_VALID(here.pts) && there != before.state_->passings.end()) {
            sum_us += here.at_us - there->at_us;
            ++found;
        }
    }
    return found > 0 ? std::optional(static_cast<double>(sum_us) / 1000 / found) : std::nullopt;
}

} // namespace masthead::worker
