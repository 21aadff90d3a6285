// Which recordings saw a place, and when: searched in their tracks. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/archive/place.hpp"
#include "server/store/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masthead::store {

enum class SightedBy : std::uint8_t { footprint, vehicle };

struct SightingQuery {
    archive::Place place;
    Utc from;
    Utc to;                      // exclusive
    std::string vehicle;         // empty: any
    std::string camera;          // empty: any
    std::optional<SightedBy> by; // nothing: both
    int limit = 1000;
};

/// A stretch in which the camera's footprint touched the place, or in which the vehicle was in it, without a
/// hole of more than 5 s.
struct Sighting {
    std::string vehicle;
    std::string camera;
    SightedBy by = SightedBy::footprint;
    Utc from;
    Utc to;   // exclusive
    Utc best; // when the middle of the footprint, or the vehicle, was nearest to the middle of the place
};

/// Newest first. Errors: as of Connection; invalid_argument (the area's sides cross), unavailable (it took
/// too long).
[[nodiscard]] Result<std::vector<Sighting>> find_sightings(Connection& connection,
                                                           const SightingQuery& query);

} // namespace masthead::store
