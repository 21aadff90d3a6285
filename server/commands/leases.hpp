// Leases: who may command a vehicle, and who its payload. Pure: the clock is an argument.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/commands/table.hpp"

#include <chrono>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::commands {

/// One of a vehicle's two leases.
struct LeaseKey {
    std::string vehicle;
    Part part = Part::vehicle;
    auto operator<=>(const LeaseKey&) const = default;
};

/// A person at one place: the session they signed in by.
struct Person {
    std::string user;
    std::string session;
    bool supervisor = false;
};

struct Lease {
    std::string user;    // "": free
    std::string session; // of the holder; never shown
    std::optional<Utc> since{};
    std::optional<Utc> ends{};  // the holder's session is away: free from then on unless it comes back
    std::string reason;         // of who took it by force
    std::vector<Person> askers; // oldest first
    std::string offered_to;     // whom the holder hands it over to, until they take it; "": nobody
};

enum class LeaseAction : std::uint8_t { take, release, request, grant, refuse, hand_over, force };
[[nodiscard]] std::string_view to_string(LeaseAction action) noexcept;
[[nodiscard]] std::optional<LeaseAction> parse_lease_action(std::string_view text) noexcept;
[[nodiscard]] std::string_view to_string(Part part) noexcept; // "vehicle", "payload"
[[nodiscard]] std::optional<Part> parse_part(std::string_view text) noexcept;

struct LeaseRequest {
    LeaseKey key;
    LeaseAction action = LeaseAction::take;
    std::string to;     // grant, refuse, hand_over: whom
    std::string reason; // force
};

/// Thread: any one at a time.
class Leases {
  public:
    static constexpr std::chrono::seconds kGrace{15};
    static constexpr std::size_t kMaxAskers = 16; // of one lease

    /// The changed lease. Errors: conflict with a sentence that names the holder, forbidden (force by who is
    /// no supervisor), invalid_argument (no reason, nobody named).
    [[nodiscard]] Result<Lease> act(const LeaseRequest& request, const Person& person, Utc now);
    /// Whether this person's session holds it. Error: conflict naming who does, or that nobody does.
    [[nodiscard]] Result<void> check(const LeaseKey& key, const Person& person) const;

    /// A session's first connection came, its last one went. One that never connects is away from the start,
    /// and each touch() gives it its grace anew. The keys of leases that changed.
    std::vector<LeaseKey> arrived(const std::string& session);
    std::vector<LeaseKey> left(const std::string& session, Utc now);
    std::vector<LeaseKey> touch(const std::string& session, Utc now);
    /// It was signed out, or its user is no operator any more.
    std::vector<LeaseKey> ended(const std::string& session);
    std::vector<LeaseKey> tick(Utc now);
    [[nodiscard]] std::optional<Utc> next_tick() const;

    /// Those that somebody holds or asks for.
    [[nodiscard]] const std::map<LeaseKey, Lease>& all() const noexcept { return leases_; }
    /// A free one when nobody does.
    [[nodiscard]] Lease get(const LeaseKey& key) const;

  private:
    void give(Lease& lease, const Person& person, Utc now) const;
    [[nodiscard]] Result<void> change(Lease& lease, const LeaseRequest& request, const Person& person,
                                      Utc now) const;

    std::map<LeaseKey, Lease> leases_;
    std::map<std::string, int> connections_; // by session
};

} // namespace masthead::commands
