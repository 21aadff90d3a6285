#include "server/config/cameras.hpp"

#include <array>

namespace masthead::config {

namespace {

constexpr std::array kSections{"ingest", "telemetry", "renditions", "outputs"};
constexpr std::array kWanted{"ingest", "outputs"};

/// The places below `from` are those below `to` from now on.
void move_places(std::map<std::string, Position>& places, const std::string& from, const std::string& to) {
    std::erase_if(places,
                  [&](const auto& place) { return place.first == to || place.first.starts_with(to + "/"); });
    std::map<std::string, Position> moved;
    for (const auto& [pointer, position] : places) {
        if (pointer == from || pointer.starts_with(from + "/")) {
            moved.emplace(to + pointer.substr(from.size()), position);
        }
    }
    places.merge(moved);
}

void take(Document& whole, const std::string& from, const std::string& to) {
    move_places(whole.positions, from, to);
    move_places(whole.values, from, to);
}

Document document_of(const Document& file, const std::string& camera, const Json& own) {
    Document whole = file;
    whole.value.erase("cameras");
    for (const char* section : kSections) {
        if (!own.contains(section)) {
            continue;
        }
        const std::string to = pointer_step(section);
        const std::string from = "/cameras" + pointer_step(camera) + to;
        if (!whole.value.contains(section)) {
            whole.value[section] = Json::object();
            take(whole, from, to);
        }
        for (const auto& [key, value] : own.at(section).items()) {
            whole.value[section][key] = value;
            take(whole, from + pointer_step(key), to + pointer_step(key));
        }
    }
    return whole;
}

Result<void> check_sections(const Document& document, const std::string& place) {
    for (const char* section : kWanted) {
        if (!document.value.contains(section)) {
            return document.fail_at(place, "'" + std::string(section) + "' is missing");
        }
    }
    return {};
}

} // namespace

Result<std::vector<CameraDocument>> split_cameras(const Document& document) {
    std::vector<CameraDocument> cameras;
    if (!document.value.contains("cameras")) {
        cameras.push_back({"", document});
    } else {
        for (const auto& [name, own] : document.value.at("cameras").items()) {
            cameras.push_back({name, document_of(document, name, own)});
        }
    }
    for (const CameraDocument& one : cameras) {
        const std::string place = one.camera.empty() ? "" : "/cameras" + pointer_step(one.camera);
        if (auto whole = check_sections(one.document, place); !whole) {
            return tl::unexpected(whole.error());
        }
    }
    return cameras;
}

} // namespace masthead::config
