// Gimbal: where a camera is told to look, and how far it is zoomed in, over time.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "simulator/orders.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace masthead::sim {

/// What it says about an instant before the last order's never changes. Thread: any one at a time.
class Gimbal {
  public:
    using Aim = std::variant<LookAhead, Point, LookAt>;
    struct Now {
        Aim aim;           // what it turns to
        Aim before;        // what it turns from
        double turned = 1; // 0..1 of the way
        double magnification = 1;
    };
    [[nodiscard]] Now at(Utc t) const;
    void aim(const Aim& aim, Utc t);
    void zoom(double percent, Utc t) { zooms_.push_back({t, percent}); }

  private:
    template <typename T>
    struct Stage {
        Utc start;
        T value;
    };
    std::vector<Stage<Aim>> aims_{{Utc{0}, LookAhead{}}};
    std::vector<Stage<double>> zooms_{{Utc{0}, 0}};
};

} // namespace masthead::sim
