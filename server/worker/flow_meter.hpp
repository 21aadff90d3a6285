// What flows through the pads of a running pipeline, counted from outside its elements.
#pragma once

#include "plugins/glib/ref.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace masthead::worker {

struct Flow {
    double buffers_per_s = 0; // since the last reading
    double kbit_per_s = 0;
    std::uint64_t buffers = 0; // since the meter was put on
    double gap_ms = 0;         // the longest time between two buffers since the last reading
};

/// On one source pad, from its making until the pad goes. Any thread may read it, one at a time.
class FlowMeter {
  public:
    /// The pad's meter, put on when it has none yet.
    [[nodiscard]] static std::shared_ptr<FlowMeter> of(GstPad* pad);

    [[nodiscard]] Flow read();
    /// Mean time from when a buffer passed `before` until it passed here, by their time stamps; nothing when
    /// none is known on both. Milliseconds.
    [[nodiscard]] std::optional<double> latency_after(const FlowMeter& before) const;

    FlowMeter();
    ~FlowMeter();
    FlowMeter(const FlowMeter&) = delete;
    FlowMeter& operator=(const FlowMeter&) = delete;

  private:
    struct State;
    static GstPadProbeReturn on_data(GstPad* pad, GstPadProbeInfo* info, gpointer meter);
    std::unique_ptr<State> state_;
};

} // namespace masthead::worker
