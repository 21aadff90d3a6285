// MissionTransfer: one plan on its way to a vehicle, from it, or out of it, as the ground station's side of
// MAVLink's mission protocol. Pure: time is an argument, messages are answers.
// Source: https://mavlink.io/en/services/mission.html
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/mavlink/plan_item.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masthead::mavlink {

struct PlanTarget {
    std::uint8_t system = 0;
    std::uint8_t component = 0;
    PlanType type = PlanType::mission;
    Version version = Version::v2;
    /// ArduPilot's missions have home as their item 0, whatever is sent: it is not compared, and not shown.
    bool home_first = false;
};

/// Which of a plan's items are sent, counted without home; the others are there already.
struct PlanPart {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

/// An upload ends when the vehicle's items were read back and are the same, a clearing when it was read back
/// that there are none. Each message that is waited for has a time, after which what asks for it is sent
/// again, kRetries times; what opens a transfer, never after the deadline. Messages of other systems,
/// components, plan types or for other ground stations change nothing. Thread: any one at a time.
class MissionTransfer {
  public:
    static constexpr int kRetries = 5;
    static constexpr std::chrono::milliseconds kAnswer{1500};
    /// For one item of a plan; twice as long with each retry, up to kAnswer, so that a slow radio keeps up.
    static constexpr std::chrono::milliseconds kItem{250};
    /// A vehicle asks for items by itself, again too: this long without a word is too long.
    static constexpr std::chrono::milliseconds kGiven{9000};
    static constexpr std::size_t kMaxHeld = 2000; // items that are read

    struct Outcome {
        CommandState state = CommandState::completed; // or denied, failed, expired, cancelled
        std::string detail;
    };
    struct Step {
        std::vector<Message> send = {}; // sender and sequence are not set
        std::optional<Outcome> outcome = {};
        bool reopened = false; // what opens the transfer is sent again
    };

    /// `items` is not empty.
    [[nodiscard]] static MissionTransfer upload(const PlanTarget& to, std::vector<PlanItem> items,
                                                std::optional<PlanPart> part = std::nullopt);
    [[nodiscard]] static MissionTransfer download(const PlanTarget& to);
    [[nodiscard]] static MissionTransfer clear(const PlanTarget& to);

    [[nodiscard]] Step begin(Utc now, Utc deadline);
    [[nodiscard]] Step receive(const Message& message, Utc now);
    /// To be called at next_due(), or later.
    [[nodiscard]] Step due(Utc now);
    [[nodiscard]] Utc next_due() const noexcept { return until_; }

    [[nodiscard]] const PlanTarget& target() const noexcept { return to_; }
    /// "3 of 7 items sent"
    [[nodiscard]] std::string progress() const;
    [[nodiscard]] int resends() const noexcept { return resends_; }
    /// What the vehicle holds, without home; nothing: it was not read to its end.
    [[nodiscard]] std::optional<std::vector<PlanItem>> held() const;

  private:
    enum class Task : std::uint8_t { upload, download, clear };
    enum class Stage : std::uint8_t {
        opening, // MISSION_COUNT, MISSION_WRITE_PARTIAL_LIST or MISSION_CLEAR_ALL was sent
        giving,  // the vehicle asks for items
        closing, // it has all, and has not said so yet
        asking,  // MISSION_REQUEST_LIST was sent
        taking,  // items come
        over
    };
    MissionTransfer(const PlanTarget& to, Task task) : to_(to), task_(task) {}

    [[nodiscard]] Message opener() const;
    [[nodiscard]] Message addressed(Message message) const;
    [[nodiscard]] Message ack(std::uint8_t result) const;
    [[nodiscard]] Message request(std::uint16_t seq) const;
    [[nodiscard]] std::uint16_t first_seq() const;
    [[nodiscard]] std::uint16_t last_seq() const;

    Step give(std::uint16_t seq, Utc now);
    Step take_ack(std::uint8_t result, Utc now);
    Step take_count(std::uint16_t count, Utc now);
    Step take_item(const Message& message, Utc now);
    Step read_back(Utc now);
    Step again(Utc now);
    Step finish();
    [[nodiscard]] Outcome compared() const;
    Step end(CommandState state, std::string detail);
    Step give_up(CommandState state, std::string detail);
    void wait(Utc now, std::chrono::milliseconds time);

    PlanTarget to_;
    Task task_;
    std::vector<PlanItem> items_; // with home, if the plan has it
    std::optional<PlanPart> part_;
    Stage stage_ = Stage::opening;
    Utc deadline_;
    Utc until_;
    int tries_ = 0; // of the message that is waited on, after the first
    int resends_ = 0;
    bool unconfirmed_ = false;        // the upload's acknowledgement did not come: reading back decides
    std::vector<std::uint8_t> given_; // how often, by seq
    std::uint16_t count_ = 0;         // that the vehicle says it holds
    std::vector<PlanItem> held_;
    bool read_ = false;
};

} // namespace masthead::mavlink
