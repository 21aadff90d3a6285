#include "plugins/recording/file_names.hpp"

#include <algorithm>

namespace masthead::recording {

std::string stem_of(Utc start, unsigned again) {
    std::string text = to_iso8601(start); // 2026-11-22T14:03:22.123456Z
    text = text.substr(0, text.size() - 4) + "Z";
    std::ranges::replace(text, 'T', '/');
    std::ranges::replace(text, ':', '-');
    return again > 1 ? text + "-" + std::to_string(again) : text;
}

std::vector<std::filesystem::path> recordings_under(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    const auto options = std::filesystem::directory_options::skip_permission_denied;
    for (std::filesystem::recursive_directory_iterator entry(folder, options, error), end;
         !error && entry != end; entry.increment(error)) {
        if (entry->path().filename().native().starts_with('.')) {
            entry.disable_recursion_pending();
        } else if (entry->path().extension() == kExtension) {
            found.push_back(entry->path());
        }
    }
    std::ranges::sort(found);
    return found;
}

} // namespace masthead::recording
