// MissionRun: flies a mission, one item after the other, as orders to the vehicle. Pure.
#pragma once

#include "plugins/links/mavlink/plan_item.hpp"
#include "simulator/orders.hpp"
#include "simulator/world.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace masthead::sim {

/// Items are numbered as MAVLink does: 0 is home. Thread: any one at a time.
class MissionRun {
  public:
    /// Another mission, or none beyond home: it begins anew, and waits.
    void load(std::vector<mavlink::PlanItem> items);
    [[nodiscard]] bool has_items() const noexcept { return items_.size() > 1; }
    /// Its next item that moves the vehicle is a take-off.
    [[nodiscard]] bool begins_with_takeoff() const;
    /// Goes on with the item at which it was; from the beginning where it was over.
    void start();
    void stop() noexcept { running_ = false; }

    struct Step {
        std::vector<Order> orders;            // to be obeyed now
        std::optional<std::uint16_t> reached; // this item is done
    };
    [[nodiscard]] Step tick(const Truth& truth, const GeoPoint& home, Utc now);
    /// 0: none.
    [[nodiscard]] std::uint16_t current() const noexcept { return has_items() ? current_ : std::uint16_t{0}; }
    [[nodiscard]] std::uint16_t count() const noexcept {
        return static_cast<std::uint16_t>(items_.empty() ? 0 : items_.size() - 1);
    }

  private:
    [[nodiscard]] bool is_done(const mavlink::PlanItem& item, const Truth& truth, const GeoPoint& home,
                               Utc now);

    std::vector<mavlink::PlanItem> items_;
    std::uint16_t current_ = 1;
    bool running_ = false;
    bool begun_ = false; // the current item was ordered
    bool over_ = false;
    std::optional<Utc> there_; // since when it is at the item's place
    double turned_deg_ = 0;    // round the item's place
    std::optional<double> bearing_deg_;
};

} // namespace masthead::sim
