// Vehicle <-> JSON.
#include "server/api/vehicle.hpp"

#include "plugins/bytes/secrets.hpp"

#include <algorithm>
#include <set>

namespace masthead::api {
namespace {

constexpr std::size_t kMaxCameras = 16;
constexpr std::size_t kMaxUri = 1024;
constexpr std::size_t kMaxParameterText = 1024;

tl::unexpected<Error> bad(const std::string& rule) { return fail(Code::invalid_argument, rule); }

Result<void> only_members(const json::Value& value, const std::set<std::string>& known,
                          const std::string& where) {
    if (!value.is_object()) {
        return bad(where + " must be a JSON object");
    }
    for (const std::string& name : value.names()) {
        if (!known.contains(name)) {
            return bad(where + " has no member '" + name + "'");
        }
    }
    return {};
}

Result<std::optional<LinkSettings>> parse_link(const json::Value& vehicle, const std::string& member) {
    const auto value = vehicle.find(member);
    if (!value) {
        return std::nullopt;
    }
    if (auto known = only_members(*value, {"uri", "address"}, "'" + member + "'"); !known) {
        return tl::unexpected(known.error());
    }
    LinkSettings link;
    auto uri = value->string("uri");
    if (!uri || uri->size() > kMaxUri || uri->find("://") == std::string::npos) {
        return bad("'" + member + ".uri' must be a URI such as mavlink+udp://127.0.0.1:14550");
    }
    link.uri = std::move(*uri);
    if (value->find("address")) {
        auto address = value->string("address");
        if (!address || address->empty() || address->size() > 64) {
            return bad("'" + member + ".address' must be text of 1 to 64 characters");
        }
        link.address = std::move(*address);
    }
    return link;
}

std::optional<ParameterValue> parse_parameter(const json::Value& value) {
    if (const auto flag = value.as_boolean()) {
        return *flag;
    }
    if (const auto whole = value.as_integer()) {
        return *whole;
    }
    if (const auto number = value.as_number()) {
        return *number;
    }
    if (auto text = value.as_string(); text && text->size() <= kMaxParameterText) {
        return *std::move(text);
    }
    return std::nullopt;
}

Result<CameraSettings> parse_camera(const json::Value& value) {
    if (auto known = only_members(value, {"name", "pipeline", "parameters", "parts"}, "a camera"); !known) {
        return tl::unexpected(known.error());
    }
    CameraSettings camera{.name = value.string("name").value_or(""),
                          .pipeline = value.string("pipeline").value_or("")};
    if (!control::is_id(camera.name)) {
        return bad("a camera's 'name' must be lower-case letters, digits and hyphens, at most 63");
    }
    const bool plain = std::all_of(camera.pipeline.begin(), camera.pipeline.end(),
                                   [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
    if (camera.pipeline.empty() || camera.pipeline.size() > 64 || !plain) {
        return bad("camera '" + camera.name + "': 'pipeline' must be a pipeline file's name without .yaml");
    }
    if (const auto parameters = value.find("parameters")) {
        if (!parameters->is_object()) {
            return bad("camera '" + camera.name + "': 'parameters' must be a JSON object");
        }
        for (const std::string& name : parameters->names()) {
            const auto member = parameters->find(name);
            auto parameter = member ? parse_parameter(*member) : std::nullopt;
            if (!parameter) {
                return bad("camera '" + camera.name + "': parameter '" + name +
                           "' must be text, a number or a boolean");
            }
            camera.parameters.emplace(name, std::move(*parameter));
        }
    }
    return camera;
}

Result<std::vector<CameraSettings>> parse_cameras(const json::Value& vehicle) {
    std::vector<CameraSettings> cameras;
    const auto list = vehicle.find("cameras");
    if (!list) {
        return cameras;
    }
    const auto items = list->items();
    if (!list->is_array() || items.size() > kMaxCameras) {
        return bad("'cameras' must be a list of at most 16");
    }
    for (const json::Value& item : items) {
        auto camera = parse_camera(item);
        if (!camera) {
            return tl::unexpected(camera.error());
        }
        if (std::any_of(cameras.begin(), cameras.end(),
                        [&](const auto& other) { return other.name == camera->name; })) {
            return bad("two cameras are named '" + camera->name + "'");
        }
        cameras.push_back(std::move(*camera));
    }
    return cameras;
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void write_link(json::Writer& out, const char* member, const std::optional<LinkSettings>& link,
                Secrets secrets) {
    if (link) {
        out.key(member).begin_object();
        out.member("uri", secrets == Secrets::shown ? link->uri : without_password(link->uri));
        out.member("address", link->address).end_object();
    }
}

void write_parameter(json::Writer& out, const ParameterValue& value, Secrets secrets) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        out.value(secrets == Secrets::shown ? *text : without_password(*text));
        return;
    }
    std::visit([&](const auto& plain) { out.value(plain); }, value);
}

} // namespace

std::vector<std::string> camera_names(const CameraSettings& camera) {
    return camera.parts.empty() ? std::vector{camera.name} : camera.parts;
}

std::vector<std::string> camera_names(const Vehicle& vehicle) {
    std::vector<std::string> names;
    for (const CameraSettings& camera : vehicle.cameras) {
        std::ranges::move(camera_names(camera), std::back_inserter(names));
    }
    return names;
}

const CameraSettings* camera_named(const Vehicle& vehicle, const std::string& name) {
    const auto found = std::ranges::find_if(vehicle.cameras, [&](const CameraSettings& camera) {
        const auto names = camera_names(camera);
        return std::ranges::find(names, name) != names.end();
    });
    return found == vehicle.cameras.end() ? nullptr : &*found;
}

Result<Vehicle> parse_vehicle(const json::Value& value, control::VehicleKind kind) {
    if (auto known = only_members(value, {"id", "name", "link", "control", "cameras"}, "a vehicle"); !known) {
        return tl::unexpected(known.error());
    }
    Vehicle vehicle{
        .id = value.string("id").value_or(""), .kind = kind, .name = value.string("name").value_or("")};
    if (!control::is_id(vehicle.id)) {
        return bad("'id' must be lower-case letters, digits and hyphens, at most 63");
    }
    if (vehicle.name.empty() || characters(vehicle.name) > 64 ||
        vehicle.name.find('\0') != std::string::npos) {
        return bad("'name' must be text of 1 to 64 characters");
    }
    auto link = parse_link(value, "link");
    auto control = parse_link(value, "control");
    auto cameras = parse_cameras(value);
    if (!link || !control || !cameras) {
        return tl::unexpected(!link ? link.error() : !control ? control.error() : cameras.error());
    }
    vehicle.link = std::move(*link);
    vehicle.control = std::move(*control);
    vehicle.cameras = std::move(*cameras);
    return vehicle;
}

std::string to_json(const Vehicle& vehicle, Secrets secrets) {
    json::Writer out;
    out.begin_object().member("id", vehicle.id).member("name", vehicle.name);
    write_link(out, "link", vehicle.link, secrets);
    write_link(out, "control", vehicle.control, secrets);
    out.key("cameras").begin_array();
    for (const CameraSettings& camera : vehicle.cameras) {
        out.begin_object().member("name", camera.name).member("pipeline", camera.pipeline);
        out.key("parameters").begin_object();
        for (const auto& [name, value] : camera.parameters) {
            out.key(name);
            write_parameter(out, value, secrets);
        }
        out.end_object();
        if (!camera.parts.empty()) {
            out.key("parts").begin_array();
            for (const std::string& part : camera.parts) {
                out.value(part);
            }
            out.end_array();
        }
        out.end_object();
    }
    return out.end_array().end_object().release();
}

} // namespace masthead::api
