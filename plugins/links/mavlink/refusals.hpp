// Refusals: whose packets had no valid signature, counted by reason, and how a person is told. Pure.
#pragma once

#include "plugins/links/mavlink/signing.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace masthead::mavlink {

/// Who speaks is what unproven packets say: at most 256 systems. Thread: any one at a time.
class Refusals {
  public:
    void add(std::uint8_t system, Verdict verdict);
    /// "12 packets without a valid signature from system 3 were refused (10 not signed, 2 replayed)"; the
    /// systems with most of them, then how many others; "" for none.
    [[nodiscard]] std::string text() const;

  private:
    using Counts = std::array<std::uint64_t, 5>; // by Verdict
    std::map<std::uint8_t, Counts> systems_;
};

} // namespace masthead::mavlink
