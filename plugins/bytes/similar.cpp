#include "plugins/bytes/similar.hpp"

#include <algorithm>
#include <numeric>

namespace masthead {

namespace {

constexpr std::size_t kEnoughToTell = 4; // letters

/// Letters to insert, remove, change or swap with their neighbour.
std::size_t edits(const std::string& from, const std::string& to) {
    std::vector<std::size_t> before_last, last(to.size() + 1), row(to.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t i = 1; i <= from.size(); ++i) {
        row[0] = i;
        for (std::size_t k = 1; k <= to.size(); ++k) {
            row[k] = std::min({last[k] + 1, row[k - 1] + 1, last[k - 1] + (from[i - 1] != to[k - 1])});
            if (i > 1 && k > 1 && from[i - 1] == to[k - 2] && from[i - 2] == to[k - 1]) {
                row[k] = std::min(row[k], before_last[k - 2] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    return last.back();
}

} // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
    const std::string* nearest = nullptr;
    std::size_t fewest = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& each : known) {
        const bool cut_short = word.size() >= kEnoughToTell && each.starts_with(word);
        const std::size_t count = cut_short ? 1 : edits(word, each);
        if (count < fewest) {
            fewest = count;
            nearest = &each;
        }
    }
    return nearest ? "; did you mean '" + *nearest + "'?" : "";
}

} // namespace masthead
