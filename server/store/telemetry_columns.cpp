// One table of columns writes and reads samples.
#include "server/store/telemetry_columns.hpp"

#include "plugins/telemetry/fields.hpp"
#include "server/store/sql.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace masthead::store {
namespace {

constexpr const char* kTimeSources[] = {"vehicle", "mapped", "arrival"};
// After the numbers and texts of the sample's own tables.
constexpr const char* kLast[] = {"satellites", "armed", "frame_center", "footprint"};

std::string number_text(double value) {
    if (!std::isfinite(value)) {
        return "\\N";
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    return {text, end};
}

/// COPY's escapes (PostgreSQL's manual, COPY, "Text Format").
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '\\': out += "\\\\"; break;
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        default: out += c;
        }
    }
    return out;
}

std::string points_text(const GeoPoint* points, std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) {
        text +=
            (i ? "," : "") + number_text(points[i].latitude_deg) + "," + number_text(points[i].longitude_deg);
    }
    return text + "}";
}

/// "{1,2,3,4}" to numbers.
std::vector<double> read_array(const std::string& text) {
    std::vector<double> numbers;
    const char* at = text.c_str();
    while (*at) {
        char* end = nullptr;
        ++at; // the brace or comma
        const double number = std::strtod(at, &end);
        if (end == at) {
            break;
        }
        numbers.push_back(number);
        at = end;
    }
    return numbers;
}

void read_points(const Row& row, std::size_t at, Sample& sample) {
    if (row[at]) {
        if (const auto numbers = read_array(*row[at]); numbers.size() == 2) {
            sample.frame_center = GeoPoint{numbers[0], numbers[1]};
        }
    }
    if (row[at + 1]) {
        if (const auto numbers = read_array(*row[at + 1]); numbers.size() == 8) {
            sample.footprint.emplace();
            for (std::size_t i = 0; i < 4; ++i) {
                (*sample.footprint)[i] = {numbers[2 * i], numbers[2 * i + 1]};
            }
        }
    }
}

std::string names() {
    std::string list;
    for (const auto& field : kNumberFields) {
        list += ", " + std::string(field.name);
    }
    for (const auto& field : kTextFields) {
        list += ", " + std::string(field.name);
    }
    for (const char* name : kLast) {
        list += std::string(", ") + name;
    }
    return list;
}

} // namespace

std::string telemetry_columns() { return "received, vehicle_id, camera, time, time_source" + names(); }

std::string copy_line(const TelemetryRow& row) {
    const Sample& sample = row.sample;
    std::string line = to_iso8601(row.received) + "\t" + escaped(row.vehicle) + "\t" +
                       (row.camera ? escaped(*row.camera) : "\\N") + "\t" + to_iso8601(sample.time) + "\t" +
                       kTimeSources[static_cast<std::size_t>(sample.time_source)];
    for (const auto& field : kNumberFields) {
        const auto& value = sample.*field.member;
        line += "\t" + (value ? number_text(*value) : "\\N");
    }
    for (const auto& field : kTextFields) {
        const auto& value = sample.*field.member;
        line += "\t" + (value ? escaped(*value) : "\\N");
    }
    line += "\t" + (sample.satellites ? std::to_string(*sample.satellites) : "\\N");
    line += "\t" + std::string(sample.armed ? (*sample.armed ? "t" : "f") : "\\N");
    line += "\t" + (sample.frame_center ? points_text(&*sample.frame_center, 1) : "\\N");
    line += "\t" + (sample.footprint ? points_text(sample.footprint->data(), 4) : "\\N");
    return line + "\n";
}

std::string sample_expressions() { return us_of("time") + ", time_source" + names(); }

Sample read_sample(const Row& row) {
    Sample sample;
    sample.time = read_utc(row[0]);
    for (std::size_t i = 0; i < std::size(kTimeSources); ++i) {
        if (row[1] == kTimeSources[i]) {
            sample.time_source = static_cast<TimeSource>(i);
        }
    }
    std::size_t at = 2;
    for (const auto& field : kNumberFields) {
        if (const Field& number = row[at++]) {
            sample.*field.member = std::strtod(number->c_str(), nullptr);
        }
    }
    for (const auto& field : kTextFields) {
        sample.*field.member = row[at++];
    }
    if (row[at]) {
        sample.satellites = std::atoi(row[at]->c_str());
    }
    if (row[at + 1]) {
        sample.armed = *row[at + 1] == "t";
    }
    read_points(row, at + 2, sample);
    return sample;
}

} // namespace masthead::store
