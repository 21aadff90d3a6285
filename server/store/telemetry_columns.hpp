// Sample <-> the columns of the table telemetry. Private to server/store.
#pragma once

#include "plugins/telemetry/sample.hpp"
#include "server/store/connection.hpp"

#include <optional>
#include <string>

namespace masthead::store {

struct TelemetryRow {
    Utc received;
    std::string vehicle;
    std::optional<std::string> camera; // absent: said on the vehicle's link
    Sample sample;
};

/// "received, vehicle_id, camera, time, ..." in the order of copy_line().
[[nodiscard]] std::string telemetry_columns();
/// One line of COPY's text format with its line feed.
[[nodiscard]] std::string copy_line(const TelemetryRow& row);
/// What to SELECT for read_sample(), in its order.
[[nodiscard]] std::string sample_expressions();
[[nodiscard]] Sample read_sample(const Row& row);

} // namespace masthead::store
