#include "plugins/bytes/port_range.hpp"

#include <charconv>

namespace masthead {

Result<PortRange> parse_port_range(std::string_view text) {
    PortRange range;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, range.first);
    const bool has_last = first.ec == std::errc() && first.ptr != end && *first.ptr == '-';
    const auto last = has_last ? std::from_chars(first.ptr + 1, end, range.last) : first;
    if (!has_last || last.ec != std::errc() || last.ptr != end || range.first == 0 ||
        range.first > range.last) {
        return fail(Code::invalid_argument,
                    "'" + std::string(text) + "' is no range of ports from 1 to 65535, such as 40000-40999");
    }
    return range;
}

} // namespace masthead
