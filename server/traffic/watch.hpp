// Which targets come too near to which of our vehicles, looked at again and again. Pure.
#pragma once

#include "server/traffic/approach.hpp"

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace masthead::traffic {

/// What is too near for a vehicle.
struct Limits {
    double cpa_m = 500;
    double tcpa_s = 300;
    double vertical_m = 150; // between two that both fly
};

/// A vehicle of ours, as it moves now.
struct Own {
    std::string vehicle;
    Mover mover;
    std::string address; // under which others may hear it (its MMSI); "": none
    Limits limits = {};
};

/// Anyone else, as it moves now.
struct Target {
    std::string id; // MMSI
    Mover mover;
};

struct Encounter {
    std::string vehicle;
    std::string target; // a target's id, or another vehicle's
    bool fleet = false; // the target is a vehicle of ours
    Approach approach;  // as of the latest look
    Utc since;          // when it began
};

/// An encounter begins when CPA and TCPA both are under the vehicle's limits and the two close at half a
/// metre a second at least: who lies beside us meets nobody. It ends when one of them is a quarter above its
/// limit, when they part, or when the target is not there, for 5 s on end: what is on the line does not flap.
/// What flies meets what flies, and what swims what swims. Thread: any one at a time.
class Watch {
  public:
    /// All that there are now, by vehicle and target. Each two vehicles meet twice, once for each.
    [[nodiscard]] std::vector<Encounter> look(std::span<const Own> owns, std::span<const Target> targets,
                                              Utc now);

  private:
    struct Known {
        Encounter encounter;
        Utc inside; // when it was last within the wider limits
    };
    void meet(const Own& own, const std::string& target, bool fleet, const Mover& other, Utc now);

    std::map<std::pair<std::string, std::string>, Known> known_;
};

} // namespace masthead::traffic
