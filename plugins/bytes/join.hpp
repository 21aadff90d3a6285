// Lists as text.
#pragma once

#include <string>
#include <vector>

namespace masthead {

[[nodiscard]] inline std::string join(const std::vector<std::string>& texts, const char* separator = ", ") {
    std::string text;
    for (const std::string& one : texts) {
        text += (text.empty() ? "" : separator) + one;
    }
    return text;
}

} // namespace masthead
