#include "plugins/glib/json.hpp"
#include "plugins/telemetry/fields.hpp"
#include "plugins/telemetry/sample.hpp"

#include <algorithm>
#include <cmath>

namespace masthead {

namespace {

constexpr std::array<std::string_view, 3> kTimeSources{"vehicle", "mapped", "arrival"};

tl::unexpected<Error> bad(std::string_view name, const std::string& rule) {
    return fail(Code::invalid_argument, "'" + std::string(name) + "': " + rule);
}

std::string text_of(double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string range_rule(double min, double max) {
    return "a number from " + text_of(min) + " to " + text_of(max) + " is wanted";
}

std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Result<void> read_number(const json::Value& object, const NumberField& field, Sample& sample) {
    if (!object.find(field.name)) {
        return {};
    }
    const auto number = object.number(field.name);
    if (!number) {
        return tl::unexpected(number.error());
    }
    if (*number < field.min || *number > field.max) {
        return bad(field.name, range_rule(field.min, field.max));
    }
    sample.*field.member = *number;
    return {};
}

Result<void> read_text(const json::Value& object, const TextField& field, Sample& sample) {
    if (!object.find(field.name)) {
        return {};
    }
    auto text = object.string(field.name);
    if (!text) {
        return tl::unexpected(text.error());
    }
    if (characters(*text) > field.max_characters) {
        return bad(field.name, "at most " + std::to_string(field.max_characters) + " characters are taken");
    }
    sample.*field.member = *std::move(text);
    return {};
}

Result<GeoPoint> point_of(const json::Value& value, std::string_view name) {
    const auto parts = value.items();
    const auto latitude = parts.size() == 2 ? parts[0].as_number() : std::nullopt;
    const auto longitude = parts.size() == 2 ? parts[1].as_number() : std::nullopt;
    if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180) {
        return bad(name, "[latitude, longitude] within -90..90 and -180..180 is wanted");
    }
    return GeoPoint{*latitude, *longitude};
}

Result<void> read_points(const json::Value& object, Sample& sample) {
    if (const auto center = object.find("frame_center")) {
        const auto point = point_of(*center, "frame_center");
        if (!point) {
            return tl::unexpected(point.error());
        }
        sample.frame_center = *point;
    }
    if (const auto footprint = object.find("footprint")) {
        const auto corners = footprint->items();
        if (corners.size() != 4) {
            return bad("footprint", "four points are wanted");
        }
        std::array<GeoPoint, 4> points;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const auto point = point_of(corners[i], "footprint");
            if (!point) {
                return tl::unexpected(point.error());
            }
            points[i] = *point;
        }
        sample.footprint = points;
    }
    return {};
}

Result<void> read_time(const json::Value& object, Utc arrival, Sample& sample) {
    sample.time = arrival;
    sample.time_source = TimeSource::arrival;
    if (object.find("time")) {
        const auto time = object.integer("time");
        if (!time) {
            return tl::unexpected(time.error());
        }
        if (*time < 0 || *time > klv::kLastUtc.us) {
            return bad("time", "microseconds from 0 to " + std::to_string(klv::kLastUtc.us) + " are wanted");
        }
        sample.time = Utc{*time};
        sample.time_source = TimeSource::vehicle;
    }
    if (object.find("time_source")) {
        const auto source = object.string("time_source");
        const auto at =
            source ? std::find(kTimeSources.begin(), kTimeSources.end(), *source) : kTimeSources.end();
        if (at == kTimeSources.end()) {
            return bad("time_source", "vehicle, mapped or arrival is wanted");
        }
        sample.time_source = static_cast<TimeSource>(at - kTimeSources.begin());
    }
    return {};
}

Result<void> read_satellites_and_armed(const json::Value& object, Sample& sample) {
    if (object.find("satellites")) {
        const auto satellites = object.integer("satellites");
        if (!satellites) {
            return tl::unexpected(satellites.error());
        }
        if (*satellites < 0 || *satellites > kMaxSatellites) {
            return bad("satellites", "a whole " + range_rule(0, kMaxSatellites).substr(2));
        }
        sample.satellites = static_cast<int>(*satellites);
    }
    if (object.find("armed")) {
        const auto armed = object.boolean("armed");
        if (!armed) {
            return tl::unexpected(armed.error());
        }
        sample.armed = *armed;
    }
    return {};
}

Result<void> read_fields(const json::Value& object, Sample& sample) {
    for (const NumberField& field : kNumberFields) {
        if (const auto read = read_number(object, field, sample); !read) {
            return read;
        }
    }
    for (const TextField& field : kTextFields) {
        if (const auto read = read_text(object, field, sample); !read) {
            return read;
        }
    }
    if (sample.latitude_deg.has_value() != sample.longitude_deg.has_value()) {
        return bad(sample.latitude_deg ? "latitude_deg" : "longitude_deg",
                   "latitude_deg and longitude_deg stand together");
    }
    return {};
}

void write_point(json::Writer& writer, const GeoPoint& point) {
    writer.begin_array().value(point.latitude_deg).value(point.longitude_deg).end_array();
}

} // namespace

std::string to_json(const Sample& sample) {
    json::Writer writer;
    writer.begin_object()
        .member("time", sample.time.us)
        .member("time_source", kTimeSources[static_cast<std::size_t>(sample.time_source)]);
    for (const NumberField& field : kNumberFields) {
        const auto& value = sample.*field.member;
        if (value && std::isfinite(*value)) {
            writer.member(field.name, *value);
        }
    }
    writer.member("satellites", sample.satellites).member("armed", sample.armed);
    for (const TextField& field : kTextFields) {
        writer.member(field.name, sample.*field.member);
    }
    if (sample.frame_center) {
        write_point(writer.key("frame_center"), *sample.frame_center);
    }
    if (sample.footprint) {
        writer.key("footprint").begin_array();
        for (const GeoPoint& corner : *sample.footprint) {
            write_point(writer, corner);
        }
        writer.end_array();
    }
    writer.end_object();
    return writer.release();
}

Result<Sample> sample_from_json(std::string_view text, Utc arrival) {
    const auto object = json::Value::parse(text);
    if (!object) {
        return tl::unexpected(object.error());
    }
    if (!object->is_object()) {
        return fail(Code::invalid_argument, "telemetry: a JSON object is wanted");
    }
    Sample sample;
    return read_time(*object, arrival, sample)
        .and_then([&] { return read_fields(*object, sample); })
        .and_then([&] { return read_satellites_and_armed(*object, sample); })
        .and_then([&] { return read_points(*object, sample); })
        .map([&] { return sample; });
}

} // namespace masthead
