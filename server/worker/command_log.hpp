// Which commands were seen already: a command is never repeated, whatever happens above. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>

namespace masthead::worker {

class CommandLog {
  public:
    explicit CommandLog(std::size_t most = 4096) : most_(most) {}

    /// False when the id was seen before (and is among the newest `most` ones).
    [[nodiscard]] bool add(const std::string& id) {
        if (!ids_.insert(id).second) {
            return false;
        }
        order_.push_back(id);
        if (order_.size() > most_) {
            ids_.erase(order_.front());
            order_.pop_front();
        }
        return true;
    }

  private:
    std::size_t most_;
    std::unordered_set<std::string> ids_;
    std::deque<std::string> order_;
};

} // namespace masthead::worker
