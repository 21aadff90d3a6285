// CommandBook: which commands wait for their COMMAND_ACK, which may be sent again, and what an ack means.
// Pure: time is an argument.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/mavlink/command_message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masthead::mavlink {

/// A COMMAND_ACK carries no id of ours, only the MAV_CMD. So one command of a number is in flight for a
/// component, its ack is the next one of that number from there, and none is begun while a late ack of the
/// one before may still come. Only an emergency does not wait: another command that it overtakes expires, and
/// the next ack counts as that one's late one, so that nothing counts as accepted by mistake. Thread: any one
/// at a time.
class CommandBook {
  public:
    /// It is about to be sent. Errors: conflict (see above), expired (its deadline has passed).
    [[nodiscard]] Result<void> begin(const std::string& id, const commands::Row& row, const Addressee& to,
                                     Utc deadline, Utc now);
    /// Forgets a command that could not be sent.
    void withdraw(const std::string& id);
    /// Nothing for an ack of nobody's, or a repeated one.
    [[nodiscard]] std::optional<CommandUpdate> acknowledge(const Addressee& from, std::uint8_t result,
                                                           std::uint8_t progress, Utc now);

    struct Due {
        std::vector<CommandUpdate> expired; // those whose ack did not come in time
        struct Resend {
            std::string id;
            int times; // with this one
        };
        std::vector<Resend> resend; // to be sent again now
    };
    [[nodiscard]] Due due(Utc now);
    [[nodiscard]] std::optional<Utc> next_due() const noexcept;
    /// It may still be sent again.
    [[nodiscard]] bool may_resend(const std::string& id) const;

  private:
    enum class Stage : std::uint8_t {
        waiting,
        in_progress,
        answered, // was sent more than once: acks of the other sendings may follow
        expired   // a late ack may follow
    };
    struct Entry {
        std::string id;
        const commands::Row* row;
        Addressee to;
        Utc deadline;
        Utc sent; // the last time
        Utc until;
        Stage stage = Stage::waiting;
        int resends = 0;
        bool too_late = false; // to be sent again
    };
    [[nodiscard]] static std::optional<Utc> resend_time(const Entry& entry);
    std::vector<Entry> entries_; // oldest first
};

} // namespace masthead::mavlink
