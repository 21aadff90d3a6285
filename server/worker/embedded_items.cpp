#include "server/worker/embedded_items.hpp"

#include <vector>

namespace masthead::worker {

namespace {

constexpr klv::Tag kTimeTag = 2;
constexpr klv::Tag kVersionTag = 65;
constexpr std::chrono::seconds kFresh{5};

} // namespace

void EmbeddedItems::note(const klv::LocalSet& embedded, Instant now) {
    const std::lock_guard lock(mutex_);
    for (const klv::Item& item : embedded.items()) {
        if (!item.value.empty()) { // a zero-length item says "not known": the link may know
            heard_[item.tag] = now;
        }
    }
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
