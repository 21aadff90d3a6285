// Counts refused packets and says so in one sentence.
#include "plugins/links/mavlink/refusals.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace masthead::mavlink {

namespace {

constexpr std::size_t kToldOf = 3; // systems by number
constexpr std::array kReasons{
    std::pair{Verdict::not_signed, "not signed"}, std::pair{Verdict::wrong_signature, "wrongly signed"},
    std::pair{Verdict::replayed, "replayed"}, std::pair{Verdict::outdated, "more than a minute old"}};

std::string packets(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " packet" : " packets");
}

} // namespace

void Refusals::add(std::uint8_t system, Verdict verdict) {
    ++systems_[system][static_cast<std::size_t>(verdict)];
}

std::string Refusals::text() const {
    std::vector<std::pair<std::uint64_t, std::uint8_t>> order; // packets, system
    Counts all{};
    for (const auto& [system, counts] : systems_) {
        order.emplace_back(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), system);
        std::ranges::transform(all, counts, all.begin(), std::plus());
    }
    if (order.empty()) {
        return "";
    }
    std::ranges::stable_sort(order, std::ranges::greater(), &std::pair<std::uint64_t, std::uint8_t>::first);
    std::uint64_t sum = 0;
    std::string who;
    for (std::size_t i = 0; i < order.size(); ++i) {
        sum += order[i].first;
        who += i < kToldOf ? (i > 0 ? ", " : "") + std::to_string(order[i].second) : "";
    }
    const std::size_t others = order.size() - std::min(order.size(), kToldOf);
    std::string why;
    for (const auto& [verdict, words] : kReasons) {
        const std::uint64_t count = all[static_cast<std::size_t>(verdict)];
        why += count > 0 ? (why.empty() ? "" : ", ") + std::to_string(count) + " " + words : "";
    }
    return packets(sum) + " without a valid signature from system" + (order.size() > 1 ? "s " : " ") + who +
           (others > 0 ? " and " + std::to_string(others) + " more" : "") +
           (sum == 1 ? " was refused (" : " were refused (") + why + ")";
}

} // namespace masthead::mavlink
