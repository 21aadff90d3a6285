#include "server/config/secret_place.hpp"

#include <cstdlib>
#include <fstream>

namespace masthead::config {

tl::expected<std::string, std::string> secret_text(const std::string& place) {
    if (place.starts_with("env:")) {
        const char* text = std::getenv(place.c_str() + 4);
        return text ? tl::expected<std::string, std::string>(text)
                    : tl::unexpected("the environment variable " + place.substr(4) + " is not set");
    }
    if (!place.starts_with("file:/")) {
        return tl::unexpected<std::string>(
            "a secret is not written here: say where it is, file:/absolute/path or env:NAME");
    }
    std::ifstream file(place.substr(5));
    std::string line;
    if (!file || (!std::getline(file, line) && !file.eof())) {
        return tl::unexpected("the file " + place.substr(5) + " cannot be read");
    }
    return line;
}

} // namespace masthead::config
