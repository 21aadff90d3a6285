// AIS messages (ITU-R M.1371) as AIVDM and AIVDO sentences: what the vessel's transponder sends and hears.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/telemetry/sample.hpp"

#include <cstdint>
#include <string>

namespace masthead::sim {

struct AisShip {
    std::uint32_t mmsi = 0;
    std::string name;      // at most 20 characters of the 6-bit alphabet
    std::string call_sign; // at most 7
    std::uint8_t type = 0; // ship and cargo type
    std::uint8_t bow_m = 0, stern_m = 0, port_m = 0,
                 starboard_m = 0; // of the antenna; port and starboard < 64
    std::string destination;      // at most 20
};

struct AisState {
    GeoPoint position;
    double speed_mps = 0;
    double course_deg = 0;
    double heading_deg = 0;
    Utc time;
};

enum class AisSource : std::uint8_t { own, heard }; // AIVDO, AIVDM

/// Each returns whole sentences with their line ends. `sequence` (0..9) joins the parts of a message that
/// takes two.
[[nodiscard]] std::string ais_class_a_position(const AisShip& ship, const AisState& state,
                                               AisSource source);                                  // type 1
[[nodiscard]] std::string ais_class_a_static(const AisShip& ship, AisSource source, int sequence); // type 5
[[nodiscard]] std::string ais_class_b_position(const AisShip& ship, const AisState& state,
                                               AisSource source);                    // type 18
[[nodiscard]] std::string ais_class_b_static(const AisShip& ship, AisSource source); // type 24 A and B

} // namespace masthead::sim
