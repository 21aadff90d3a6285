// Lift: a drone's height over time, and whether it stands on the ground, armed or not.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <vector>

namespace masthead::sim {

/// Smooth climbs between heights. What it says about an instant before the last order's never changes.
/// Thread: any one at a time.
class Lift {
  public:
    explicit Lift(double height_m) : stages_{{Utc{0}, height_m, height_m, 0, false, true}} {}

    struct Now {
        double height_m = 0;
        double climb_mps = 0;
        bool landed = false;
        bool armed = true;
    };
    [[nodiscard]] Now at(Utc t) const;
    void climb_to(double height_m, Utc t);
    /// Down to the ground, where the motors stop.
    void land(Utc t);
    /// On the ground alone.
    void arm(bool on, Utc t);

  private:
    struct Stage {
        Utc start;
        double from_m;
        double to_m;
        double seconds; // 0: it is there
        bool landing;
        bool armed; // at its end, if it ends on the ground
    };
    std::vector<Stage> stages_;
};

} // namespace masthead::sim
