#include "server/worker/embedded_items.hpp"

#include <vector>

namespace masthead::worker {

namespace {

constexpr klv::Tag kTimeTag = 2;
constexpr klv::Tag kVersionTag = 65;
constexpr klv::Tag kLeapSecondsTag = 136;
constexpr std::chrono::seconds kFresh{5};

} // namespace

void EmbeddedItems::note(const klv::LocalSet& embedded, Instant now, Utc arrival) {
    const auto time = embedded.time();
    const bool has_leap_seconds = embedded.has(kLeapSecondsTag);
    const std::lock_guard lock(mutex_);
    if (time && (!detected_ || has_leap_seconds)) {
        detected_ = klv::detect(*time, has_leap_seconds, arrival);
    }
    for (const klv::Item& item : embedded.items()) {
        if (!item.value.empty()) { // a zero-length item says "not known": the link may know
            heard_[item.tag] = now;
        }
    }
}

klv::TimeSystem EmbeddedItems::system() const {
    const std::lock_guard lock(mutex_);
    return fixed_.value_or(detected_.value_or(klv::TimeSystem::posix));
}

void EmbeddedItems::leave_to_camera(klv::LocalSet& set, Instant now) const {
    std::vector<klv::Tag> theirs;
    {
        const std::lock_guard lock(mutex_);
        for (const klv::Item& item : set.items()) {
            const auto heard = heard_.find(item.tag);
            if (heard != heard_.end() && now - heard->second <= kFresh) {
                theirs.push_back(item.tag);
            }
        }
    }
    for (const klv::Tag tag : theirs) {
        if (tag != kTimeTag && tag != kVersionTag) {
            set.remove(tag);
        }
    }
}

} // namespace masthead::worker
