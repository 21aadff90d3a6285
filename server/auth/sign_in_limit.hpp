// How often a password may be tried: per address and name, and per address. Pure: time is an argument.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace masthead::auth {

struct SignInLimits {
    std::size_t failures_per_name = 5;     // of one address for one name
    std::size_t failures_per_address = 30; // of one address for any name
    std::chrono::seconds window{60};
    std::size_t max_entries = 10'000; // past this the oldest are forgotten
};

class SignInLimit {
  public:
    explicit SignInLimit(SignInLimits limits = {}) : limits_(limits) {}

    /// How long to wait before the next try; nothing: now.
    [[nodiscard]] std::optional<std::chrono::seconds> wait(const std::string& address,
                                                           const std::string& name, Utc now);
    /// Counts a try before its outcome is known, so that many at once do not slip through.
    void tried(const std::string& address, const std::string& name, Utc now);
    /// A right password: its name's tries are forgotten, and do not count for the address.
    void succeeded(const std::string& address, const std::string& name);

  private:
    struct Tries {
        std::deque<Utc> times;
    };
    [[nodiscard]] std::optional<std::chrono::seconds> wait_for(const std::string& key, std::size_t limit,
                                                               Utc now);
    void forget_old(Utc now);

    SignInLimits limits_;
    std::map<std::string, Tries> tries_;
};

} // namespace masthead::auth
