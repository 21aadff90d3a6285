// The rules of alerts: what vehicles, links, cameras and commands say -> what people must be told.
#pragma once

#include "plugins/telemetry/sample.hpp"
#include "server/alerts/book.hpp"
#include "server/config/alert_rules.hpp"
#include "server/fences/fence.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace masthead::alerts {

/// How near another ship or vehicle will come, if both go on as they do.
struct Approach {
    std::string target; // who it is, always by the same word: an MMSI, a vehicle's id
    std::string name;   // for people; may be empty
    double cpa_m = 0;   // the least distance
    double tcpa_s = 0;  // until then; negative: it is over
};

enum class CommandEnd : std::uint8_t { done, failed };

/// Everything here gives the alerts that it changed, newest state of each, to be told and written down. Pure:
/// time is an argument. Thread: any one at a time.
class Watch {
  public:
    using Changes = std::vector<Alert>;

    /// `new_id` makes names of alerts.
    explicit Watch(std::function<std::string()> new_id) : book_(std::move(new_id)) {}

    [[nodiscard]] const std::vector<fences::Fence>& fences() const noexcept { return fences_; }
    [[nodiscard]] const AlertRules& rules() const noexcept { return rules_; }
    [[nodiscard]] Changes set_rules(AlertRules rules, Utc now);
    [[nodiscard]] Changes set_fences(std::vector<fences::Fence> fences, Utc now);
    /// Alerts that were open when the server ended. Nothing is cleared because nothing was heard yet.
    [[nodiscard]] Changes restore(const std::vector<Alert>& open, Utc now);

    [[nodiscard]] Changes sample(const std::string& vehicle, const Sample& sample, Utc now);
    /// A link, a stream: lost is only what was there before.
    [[nodiscard]] Changes link(const std::string& vehicle, bool up, const std::string& detail, Utc now);
    [[nodiscard]] Changes stream(const std::string& vehicle, const std::string& camera, bool up,
                                 const std::string& detail, Utc now);
    [[nodiscard]] Changes recording(const std::string& vehicle, const std::string& camera, bool failing,
                                    const std::string& detail, Utc now);
    [[nodiscard]] Changes command(const std::string& vehicle, const std::string& command, CommandEnd end,
                                  const std::string& detail, Utc now);
    /// All there are at this time, by vehicle; what is not among them any more is over.
    [[nodiscard]] Changes approaches(const std::map<std::string, std::vector<Approach>>& near, Utc now);
    /// Alerts of what is not there any more are cleared.
    [[nodiscard]] Changes keep(const std::function<bool(const Key&)>& is_there, Utc now);
    [[nodiscard]] Changes tick(Utc now);
    [[nodiscard]] std::optional<Utc> next_tick() const;

    [[nodiscard]] Result<Alert> acknowledge(const std::string& id, const std::string& user, Utc now) {
        return book_.acknowledge(id, user, now);
    }
    [[nodiscard]] Result<Alert> snooze(const std::string& id, const std::string& user, Utc until, Utc now) {
        return book_.snooze(id, user, until, now);
    }
    [[nodiscard]] std::vector<Alert> open() const { return book_.all(); }

  private:
    struct Known {
        std::optional<Utc> placed; // when its position was last heard of
        fences::Position position;
        Utc msl_at;
        Utc hae_at;
        Utc agl_at;
        bool was_up = false; // its link
        bool lost = false;
    };
    [[nodiscard]] Changes report(Key key, const std::optional<Finding>& finding, const AlertRule& rule,
                                 Utc now);
    static void place(Known& known, const Sample& sample, Utc now);
    void check_fences(const std::string& vehicle, const Known& known, Utc now, Changes& changes);
    void check_ages(Utc now, Changes& changes);

    Book book_;
    AlertRules rules_;
    std::vector<fences::Fence> fences_;
    std::map<std::string, Known> vehicles_;
    std::set<std::pair<std::string, std::string>> played_; // vehicle and camera
};

} // namespace masthead::alerts
