// PortRange: "40000-40999" as numbers.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <string_view>

namespace masthead {

struct PortRange {
    std::uint16_t first = 1; // >= 1
    std::uint16_t last = 1;  // is one of them
};

/// Error: invalid_argument, saying what is wanted.
[[nodiscard]] Result<PortRange> parse_port_range(std::string_view text);

} // namespace masthead
