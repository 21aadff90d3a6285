// How a lease goes from hand to hand.
#include "server/commands/leases.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::commands {

namespace {

constexpr std::string_view kActions[] = {"take",   "release",   "request", "grant",
                                         "refuse", "hand_over", "force"};
constexpr std::string_view kParts[] = {"vehicle", "payload"};

bool holds(const Lease& lease, const Person& person) {
    return !lease.user.empty() && lease.user == person.user && lease.session == person.session;
}

tl::unexpected<Error> not_yours(const Lease& lease) {
    return fail(Code::conflict, lease.user.empty() ? "nobody holds the lease: take it first"
                                                   : "'" + lease.user + "' holds the lease");
}

void forget_asker(Lease& lease, const std::string& user) {
    std::erase_if(lease.askers, [&](const Person& asker) { return asker.user == user; });
}

} // namespace

std::string_view to_string(LeaseAction action) noexcept { return kActions[static_cast<std::size_t>(action)]; }

std::optional<LeaseAction> parse_lease_action(std::string_view text) noexcept {
    const auto* found = std::ranges::find(kActions, text);
    return found == std::end(kActions)
               ? std::nullopt
               : std::optional(static_cast<LeaseAction>(found - std::begin(kActions)));
}

std::string_view to_string(Part part) noexcept { return kParts[static_cast<std::size_t>(part)]; }

std::optional<Part> parse_part(std::string_view text) noexcept {
    const auto* found = std::ranges::find(kParts, text);
    return found == std::end(kParts) ? std::nullopt
                                     : std::optional(static_cast<Part>(found - std::begin(kParts)));
}

Lease Leases::get(const LeaseKey& key) const {
    const auto found = leases_.find(key);
    return found == leases_.end() ? Lease{} : found->second;
}

void Leases::give(Lease& lease, const Person& person, Utc now) const {
    forget_asker(lease, person.user);
    lease.user = person.user;
    lease.session = person.session;
    lease.since = now;
    lease.ends = connections_.contains(person.session) ? std::nullopt : std::optional(now + kGrace);
    lease.reason.clear();
    lease.offered_to.clear();
}

Result<void> Leases::change(Lease& lease, const LeaseRequest& request, const Person& person, Utc now) const {
    const auto asker = std::ranges::find(lease.askers, request.to, &Person::user);
    switch (request.action) {
    case LeaseAction::take:
        // The same person at another place only moves it there.
        if (!lease.user.empty() && lease.user != person.user && lease.offered_to != person.user) {
            return fail(Code::conflict, "'" + lease.user + "' holds the lease: ask for it");
        }
        if (!holds(lease, person)) {
            give(lease, person, now);
        }
        return {};
    case LeaseAction::request:
        if (lease.user.empty() || lease.user == person.user) {
            return fail(Code::conflict, "the lease needs no asking for: take it");
        }
        if (lease.askers.size() >= kMaxAskers) {
            return fail(Code::conflict, "too many ask for the lease already");
        }
        forget_asker(lease, person.user);
        lease.askers.push_back(person);
        return {};
    case LeaseAction::force:
        if (!person.supervisor) {
            return fail(Code::forbidden, "taking a lease by force needs the role supervisor");
        }
        if (request.reason.empty()) {
            return fail(Code::invalid_argument, "'reason' is missing: taking a lease by force wants one");
        }
        give(lease, person, now);
        lease.reason = request.reason;
        return {};
    default: break;
    }
    if (!holds(lease, person)) {
        return not_yours(lease);
    }
    switch (request.action) {
    case LeaseAction::grant:
        if (asker == lease.askers.end()) {
            return fail(Code::conflict, "'" + request.to + "' does not ask for the lease");
        }
        give(lease, Person(*asker), now);
        return {};
    case LeaseAction::refuse: forget_asker(lease, request.to); return {};
    case LeaseAction::hand_over:
        if (request.to.empty() || request.to == person.user) {
            return fail(Code::invalid_argument, "'to' must name whom the lease is handed over to");
        }
        lease.offered_to = request.to;
        return {};
    default: lease = {}; return {}; // release: who asked may take it, as anyone may
    }
}

Result<Lease> Leases::act(const LeaseRequest& request, const Person& person, Utc now) {
    Lease lease = get(request.key);
    if (auto changed = change(lease, request, person, now); !changed) {
        return tl::unexpected(changed.error());
    }
    if (lease.user.empty()) {
        leases_.erase(request.key);
        return Lease{};
    }
    leases_.insert_or_assign(request.key, lease);
    return lease;
}

Result<void> Leases::check(const LeaseKey& key, const Person& person) const {
    const Lease lease = get(key);
    if (holds(lease, person)) {
        return {};
    }
    return lease.user == person.user && !lease.user.empty()
               ? fail(Code::conflict, "you hold the lease at another place: take it here first")
               : Result<void>(not_yours(lease));
}

std::vector<LeaseKey> Leases::arrived(const std::string& session) {
    ++connections_[session];
    std::vector<LeaseKey> changed;
    for (auto& [key, lease] : leases_) {
        if (lease.session == session && lease.ends) {
            lease.ends.reset();
            changed.push_back(key);
        }
    }
    return changed;
}

std::vector<LeaseKey> Leases::left(const std::string& session, Utc now) {
    const auto found = connections_.find(session);
    if (found == connections_.end() || --found->second > 0) {
        return {};
    }
    connections_.erase(found);
    return touch(session, now);
}

std::vector<LeaseKey> Leases::touch(const std::string& session, Utc now) {
    std::vector<LeaseKey> changed;
    for (auto& [key, lease] : leases_) {
        if (lease.session == session && !connections_.contains(session)) {
            lease.ends = now + kGrace;
            changed.push_back(key);
        }
    }
    return changed;
}

std::vector<LeaseKey> Leases::ended(const std::string& session) {
    std::vector<LeaseKey> changed;
    std::erase_if(leases_, [&](const auto& each) {
        if (each.second.session == session) {
            changed.push_back(each.first);
        }
        return each.second.session == session;
    });
    for (auto& [key, lease] : leases_) {
        const auto gone =
            std::erase_if(lease.askers, [&](const Person& asker) { return asker.session == session; });
        if (gone > 0) {
            changed.push_back(key);
        }
    }
    return changed;
}

std::vector<LeaseKey> Leases::tick(Utc now) {
    std::vector<LeaseKey> changed;
    std::erase_if(leases_, [&](const auto& each) {
        const bool over = each.second.ends && *each.second.ends <= now;
        if (over) {
            changed.push_back(each.first);
        }
        return over;
    });
    return changed;
}

std::optional<Utc> Leases::next_tick() const {
    std::optional<Utc> next;
    for (const auto& [key, lease] : leases_) {
        if (lease.ends) {
            next = next ? std::min(*next, *lease.ends) : *lease.ends;
        }
    }
    return next;
}

} // namespace masthead::commands
