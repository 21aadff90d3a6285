// MissionStore: the drone's memory for a mission, and its side of MAVLink's mission protocol, as ArduCopter
// has it: item 0 is home, whatever is sent. Pure: time is an argument, messages are answers.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/links/mavlink/plan_item.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace masthead::sim {

/// What is for other vehicles changes nothing. The sender of an answer is set by who sends it. Thread: any
/// one at a time.
class MissionStore {
  public:
    static constexpr std::size_t kMaxItems = 1024; // with home

    MissionStore(std::uint8_t system, const mavlink::PlanItem& home) : system_(system), items_{home} {}

    /// Nothing for a message that is none of the protocol's.
    [[nodiscard]] std::optional<std::vector<mavlink::Message>> receive(const mavlink::Message& message,
                                                                       Utc now);
    /// Asks again for an item that does not come, and gives up at last.
    [[nodiscard]] std::vector<mavlink::Message> due(Utc now);

    /// With home.
    [[nodiscard]] const std::vector<mavlink::PlanItem>& items() const noexcept { return items_; }
    /// Rises with each change.
    [[nodiscard]] int version() const noexcept { return version_; }

  private:
    struct Coming {
        std::vector<mavlink::PlanItem> items;
        std::uint16_t next = 0;
        std::uint16_t last = 0;
        std::uint8_t system = 0; // of the ground station
        std::uint8_t component = 0;
        Utc asked;
        Utc heard;
    };
    using Messages = std::vector<mavlink::Message>;
    Messages begin(std::vector<mavlink::PlanItem> items, std::uint16_t first, std::uint16_t last,
                   const mavlink::Message& from, Utc now);
    Messages take(const mavlink::Message& message, Utc now);
    Messages clear(const mavlink::Message& message);
    [[nodiscard]] Messages count(const mavlink::Message& message) const;
    [[nodiscard]] Messages give(const mavlink::Message& message, std::uint16_t seq) const;
    [[nodiscard]] mavlink::Message ask() const;

    std::uint8_t system_;
    std::vector<mavlink::PlanItem> items_;
    std::optional<Coming> coming_;
    int version_ = 0;
};

} // namespace masthead::sim
