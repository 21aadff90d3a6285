// A link's URI taken apart, with errors that name the part that is wrong.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace masthead {

struct LinkUri {
    std::string scheme;
    std::string user;
    std::string host; // without brackets; "" stands for every address of this machine
    std::uint16_t port = 0;
    std::string path; // without the first slash, percent-decoded
    std::map<std::string, std::string> options;
};

/// Error: invalid_argument.
[[nodiscard]] Result<LinkUri> parse_link_uri(const std::string& text);

} // namespace masthead
