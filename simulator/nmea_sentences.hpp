// NMEA 0183 sentences of the vessel's instruments.
#pragma once

#include "simulator/world.hpp"

#include <span>
#include <string>
#include <string_view>

namespace masthead::sim {

/// "$" + body + "*" + checksum + CR LF; `start` is '$' or '!' (AIS).
[[nodiscard]] std::string nmea_sentence(std::string_view body, char start = '$');

struct NmeaRow {
    int every; // in steps of the 10 Hz schedule
    std::string (*make)(const Truth& truth, const Place& place);
};

/// RMC first: it gives the others of the same instant their time.
[[nodiscard]] std::span<const NmeaRow> nmea_rows();

} // namespace masthead::sim
