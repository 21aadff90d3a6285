// Aims, each taken up in its time.
#include "simulator/gimbal.hpp"

#include "simulator/quintic.hpp"

#include <algorithm>

namespace masthead::sim {

namespace {

constexpr std::chrono::seconds kTurn{4};
constexpr double kMostMagnified = 5;

template <typename Stages>
auto last_before(const Stages& stages, Utc t) {
    const auto after = std::upper_bound(stages.begin(), stages.end(), t,
                                        [](Utc instant, const auto& stage) { return instant < stage.start; });
    return after == stages.begin() ? after : std::prev(after);
}

} // namespace

Gimbal::Now Gimbal::at(Utc t) const {
    const auto aim = last_before(aims_, t);
    const auto zoom = last_before(zooms_, t);
    const double x = std::clamp(
        static_cast<double>((t - aim->start).count()) / 1e6 / static_cast<double>(kTurn.count()), 0.0, 1.0);
    return {.aim = aim->value,
            .before = aim == aims_.begin() ? aim->value : std::prev(aim)->value,
            .turned = quintic(x),
            .magnification = 1 + (kMostMagnified - 1) * zoom->value / 100};
}

/// A turn that is under way is finished first.
void Gimbal::aim(const Aim& aim, Utc t) { aims_.push_back({std::max(t, aims_.back().start + kTurn), aim}); }

} // namespace masthead::sim
