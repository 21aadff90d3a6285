// CommandBook: which commands wait for their COMMAND_ACK, and what an ack means. Pure: time is an argument.
#pragma once

#include "plugins/links/link.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masthead::mavlink {

/// A COMMAND_ACK carries no id of ours, only the MAV_CMD: so one command of a number is in flight per system,
/// and its ack is the next one of that number from that system. Thread: any one at a time.
class CommandBook {
  public:
    /// Errors: conflict (the same command is still waiting for its ack), expired (its deadline has passed).
    [[nodiscard]] Result<void> begin(const LinkCommand& command, std::uint8_t system, std::uint16_t number,
                                     Utc now);
    /// Forgets a command that could not be sent.
    void withdraw(const std::string& id);
    /// Nothing for an ack of nobody's.
    [[nodiscard]] std::optional<CommandUpdate> acknowledge(std::uint8_t system, std::uint16_t number,
                                                           std::uint8_t result, std::uint8_t progress,
                                                           Utc now);
    /// Those whose ack did not come in time.
    [[nodiscard]] std::vector<CommandUpdate> expire(Utc now);
    [[nodiscard]] std::optional<Utc> next_expiry() const noexcept;

  private:
    struct Waiting {
        std::string id;
        std::uint8_t system;
        std::uint16_t number;
        Utc until;
    };
    std::vector<Waiting> waiting_;
};

} // namespace masthead::mavlink
