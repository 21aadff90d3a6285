// The alerts that are open, and the life of each: raised, acknowledged or snoozed by somebody, cleared.
#pragma once

#include "server/alerts/alert.hpp"
#include "server/config/alert_rules.hpp"

#include <functional>
#include <map>

namespace masthead::alerts {

/// That something is wrong, as it is seen now.
struct Finding {
    Severity severity = Severity::caution;
    std::string message;
};

/// A finding must last for the rule's `raise_after` before its alert is raised, or becomes worse, and be away
/// for `clear_after` before it is cleared: what flickers raises nothing and clears nothing. An alert that
/// becomes worse is raised again, whoever acknowledged it; one that becomes milder is told so at once. Pure:
/// time is an argument. Thread: any one at a time.
class Book {
  public:
    explicit Book(std::function<std::string()> new_id) : new_id_(std::move(new_id)) {}

    /// Alerts that were open when the server ended, as they were. Of a key that has been raised anew since
    /// the old one is given back, cleared.
    std::vector<Alert> restore(const std::vector<Alert>& open, Utc now);
    /// What is to be seen of `key` now; nothing: all is well. Gives the alerts that changed, as all below.
    std::vector<Alert> report(const Key& key, const std::optional<Finding>& finding, const AlertRule& rule,
                              Utc now);
    /// The key is of no concern any more (its fence, camera or rule is gone): clears it at once.
    std::vector<Alert> drop(const Key& key, const std::string& why, Utc now);
    /// What became due.
    std::vector<Alert> tick(Utc now);
    [[nodiscard]] std::optional<Utc> next_tick() const;

    /// Errors: not_found (no such open alert), conflict (it is acknowledged already).
    Result<Alert> acknowledge(const std::string& id, const std::string& user, Utc now);
    /// Error: not_found.
    Result<Alert> snooze(const std::string& id, const std::string& user, Utc until, Utc now);

    /// The severity of the open alert of `key`, which rules need for their hysteresis.
    [[nodiscard]] std::optional<Severity> open(const Key& key) const;
    /// Warnings first, then by age.
    [[nodiscard]] std::vector<Alert> all() const;
    /// Of open alerts and of what may become one.
    [[nodiscard]] std::vector<Key> keys() const;

  private:
    struct Entry {
        std::optional<Alert> alert;     // open
        std::optional<Finding> pending; // nothing and due: it is going to be cleared
        std::optional<Utc> due;         // when what is pending comes true
    };
    using Entries = std::map<Key, Entry>;
    void come_true(const Key& key, Entry& entry, Utc now, std::vector<Alert>& changed);
    [[nodiscard]] Result<Entries::iterator> find(const std::string& id);

    std::function<std::string()> new_id_;
    Entries entries_;
};

} // namespace masthead::alerts
