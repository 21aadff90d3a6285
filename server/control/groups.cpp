#include "server/control/groups.hpp"

#include <algorithm>
#include <numeric>

namespace masthead::control {

namespace {

std::vector<std::string> uris_of(const WorkerVehicle& vehicle) {
    std::vector<std::string> uris;
    for (const auto& link : {vehicle.link, vehicle.control}) {
        if (link) {
            uris.push_back(link->uri);
        }
    }
    return uris;
}

/// Disjoint sets of vehicle indices (union-find).
class Sets {
  public:
    explicit Sets(std::size_t size) : parent_(size) {
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    }
    std::size_t root(std::size_t index) {
        while (parent_[index] != index) {
            index = parent_[index] = parent_[parent_[index]];
        }
        return index;
    }
    void join(std::size_t a, std::size_t b) { parent_[root(b)] = root(a); }

  private:
    std::vector<std::size_t> parent_;
};

} // namespace

std::map<std::string, std::vector<WorkerVehicle>> group(const std::vector<WorkerVehicle>& vehicles) {
    Sets sets(vehicles.size());
    std::map<std::string, std::size_t> speaks_on;
    for (std::size_t i = 0; i < vehicles.size(); ++i) {
        for (const std::string& uri : uris_of(vehicles[i])) {
            sets.join(speaks_on.try_emplace(uri, i).first->second, i);
        }
    }
    std::map<std::size_t, std::string> keys;
    for (const auto& [uri, index] : speaks_on) { // in text order: the first URI of each set names it
        keys.try_emplace(sets.root(index), "link:" + uri);
    }
    std::map<std::string, std::vector<WorkerVehicle>> groups;
    for (std::size_t i = 0; i < vehicles.size(); ++i) {
        const auto key = keys.try_emplace(sets.root(i), "vehicle:" + vehicles[i].id).first;
        groups[key->second].push_back(vehicles[i]);
    }
    return groups;
}

} // namespace masthead::control
