#include "server/worker/sample_throttle.hpp"

#include <algorithm>

namespace masthead::worker {

void SampleThrottle::add(const std::string& key, const Sample& sample, Instant now) {
    const auto known = speakers_.find(key);
    if (known == speakers_.end() && speakers_.size() >= most_keys_) {
        speakers_.erase(
            std::ranges::min_element(speakers_, {}, [](const auto& entry) { return entry.second.heard; }));
    }
    Speaker& speaker = speakers_[key];
    speaker.pending = speaker.pending ? merged(*speaker.pending, sample) : sample;
    speaker.heard = now;
}

std::vector<std::pair<std::string, Sample>> SampleThrottle::take(Instant now) {
    std::vector<std::pair<std::string, Sample>> samples;
    for (auto& [key, speaker] : speakers_) {
        if (speaker.pending && speaker.next <= now) {
            samples.emplace_back(key, *std::exchange(speaker.pending, std::nullopt));
            speaker.next = now + interval_;
        }
    }
    return samples;
}

std::optional<SampleThrottle::Instant> SampleThrottle::due() const {
    std::optional<Instant> due;
    for (const auto& [key, speaker] : speakers_) {
        if (speaker.pending) {
            due = std::min(due.value_or(speaker.next), speaker.next);
        }
    }
    return due;
}

} // namespace masthead::worker
