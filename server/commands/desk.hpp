// Desk: the commands this run of the server knows, and when which of them is sent. Pure: the clock is an
// argument, and what is to be done is an answer.
#pragma once

#include "server/commands/command.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace masthead::commands {

/// What a worker says of a command.
struct Report {
    std::string id;
    State state = State::sent;
    std::string detail = {};
    std::string target = {};
    int resends = 0;
    bool late = false;
};

/// What became of an input: commands that changed, to be told and written down, then commands to be handed to
/// their workers, each once for ever.
struct Changes {
    std::vector<Command> changed;
    std::vector<Command> send;
};

/// A command is handed to its worker once: after it was written down, before its deadline, and while no other
/// of its vehicle and lane is in flight. After one that was sent expires, its lane is held back until no late
/// acknowledgement may come any more. An emergency does not wait for other commands. Thread: any one at a
/// time.
class Desk {
  public:
    static constexpr std::size_t kMaxFinished = 1000;
    static constexpr std::size_t kMaxSteps = 24; // of one command; the newest of its middle are let go
    /// How long a worker may be later than the vehicle's time is up.
    static constexpr std::chrono::seconds kGrace{1};

    /// The command of that id or idempotency key, if it is the same one of the same user: it is not made
    /// again. Error: conflict when the id or the key belongs to another one. Nothing: it is new.
    [[nodiscard]] Result<std::optional<Command>> known(const Command& command) const;
    /// Takes a new one in; it is to be written down. Error: conflict when one of its lane waits already.
    [[nodiscard]] Result<void> ask(const Command& command);
    /// It is written down, and may be sent.
    [[nodiscard]] Changes written(const std::string& id, Utc now);
    /// It could not be written down: it never was.
    void forget(const std::string& id) { entries_.erase(id); }
    /// What a worker says, or that it could not be handed to one (failed).
    [[nodiscard]] Changes reported(const Report& report, Utc now);
    /// Errors: not_found, conflict (it was sent: nothing calls it back).
    [[nodiscard]] Result<Changes> cancel(const std::string& id, const std::string& user, Utc now);
    /// Nobody will answer any more for what these vehicles were asked.
    [[nodiscard]] Changes worker_ended(const std::vector<std::string>& vehicles, Utc now);
    [[nodiscard]] Changes tick(Utc now);
    /// When tick() is to be called next; nothing: never.
    [[nodiscard]] std::optional<Utc> next_tick() const;

    [[nodiscard]] const Command* find(const std::string& id) const;

  private:
    struct Entry {
        Command command;
        const Row* row = nullptr;
        bool written = false;
        bool handed = false;             // to its worker
        std::optional<Utc> held_until{}; // its lane: it expired, and may be acknowledged late
    };
    [[nodiscard]] static std::optional<Utc> due(const Entry& entry);
    [[nodiscard]] bool blocks(const Entry& other, const Entry& entry, Utc now) const;
    void change(Entry& entry, State state, const std::string& detail, Utc now, Changes& changes);
    void end(Entry& entry, State state, const std::string& detail, Utc now, Changes& changes);
    void send_due(Utc now, Changes& changes);
    void let_go_of_the_oldest();

    std::map<std::string, Entry> entries_; // by id
};

} // namespace masthead::commands
