#include "server/worker/vehicle_links.hpp"

#include "plugins/glib/log.hpp"

#include <algorithm>
#include <array>

namespace masthead::worker {

namespace {

constexpr std::chrono::milliseconds kReportInterval{1000};
constexpr gint64 kSilentAfterUs = 3'000'000;

// The control protocol has these enums of its own, so that the server need not know the links.
constexpr std::array kLinkStates{std::pair{LinkState::connecting, control::LinkState::connecting},
                                 std::pair{LinkState::up, control::LinkState::up},
                                 std::pair{LinkState::silent, control::LinkState::silent},
                                 std::pair{LinkState::down, control::LinkState::down}};
constexpr std::array kCommandStates{std::pair{CommandState::sent, control::CommandState::sent},
                                    std::pair{CommandState::accepted, control::CommandState::accepted},
                                    std::pair{CommandState::in_progress, control::CommandState::in_progress},
                                    std::pair{CommandState::completed, control::CommandState::completed},
                                    std::pair{CommandState::denied, control::CommandState::denied},
                                    std::pair{CommandState::failed, control::CommandState::failed},
                                    std::pair{CommandState::expired, control::CommandState::expired},
                                    std::pair{CommandState::cancelled, control::CommandState::cancelled}};

template <typename From, typename To, std::size_t N>
To translated(const std::array<std::pair<From, To>, N>& table, From value) {
    return std::ranges::find(table, value, &std::pair<From, To>::first)->second;
}

control::LinkCounters translated(const LinkCounters& from) {
    return {.bytes_in = from.bytes_in,
            .messages_in = from.messages_in,
            .messages_unknown = from.messages_unknown,
            .bad_checksum = from.bad_checksum,
            .malformed = from.malformed,
            .refused = from.refused,
            .bytes_out = from.bytes_out};
}

control::CommandProgress translated(const CommandUpdate& from) {
    control::CommandProgress to{from.id, translated(kCommandStates, from.state), from.detail, from.target};
    if (from.resends > 0) {
        to.resends = from.resends;
    }
    if (from.late) {
        to.late = true;
    }
    return to;
}

/// The server has checked them; what moves a vehicle is checked where it leaves.
Result<commands::Arguments> arguments_of(const control::Command& command, commands::Kinds kind) {
    const commands::Row* row = commands::row(command.command);
    if (!row) {
        return fail(Code::unsupported, "there is no command '" + command.command + "'");
    }
    const auto parameters = json::Value::parse(command.parameters);
    return parameters ? commands::read_arguments(*row, kind, *parameters)
                      : Result<commands::Arguments>(tl::unexpected(parameters.error()));
}

/// The same of the items that an upload brings; none otherwise.
Result<std::vector<commands::MissionItem>> items_of(const control::Command& command, commands::Kinds kind) {
    if (!command.mission) {
        return std::vector<commands::MissionItem>();
    }
    const auto mission = json::Value::parse(*command.mission);
    const auto items = mission.and_then([](const json::Value& value) { return value.array("items"); });
    return items ? commands::read_items(*items, kind)
                 : Result<std::vector<commands::MissionItem>>(tl::unexpected(items.error()));
}

/// On a NMEA 0183 feed the ship itself is "own", and the first one heard may be any other ship.
std::optional<LinkAddress> seat_address(const control::WorkerLink& link) {
    if (!link.address && link.uri.starts_with("nmea")) {
        return "own";
    }
    return link.address;
}

} // namespace

VehicleLinks::VehicleLinks(const std::vector<control::WorkerVehicle>& vehicles, VehicleLinksEvents events)
    : events_(std::move(events)), tick_(nullptr, [this] {
          report_changes();
          tick_.arm(kReportInterval);
      }) {
    for (const control::WorkerVehicle& vehicle : vehicles) {
        Seats seats;
        seats.id = vehicle.id;
        seats.kind = vehicle.kind == control::VehicleKind::drone ? commands::kDrone : commands::kVessel;
        seats.link = vehicle.link ? road(*vehicle.link, vehicle.id) : nullptr;
        seats.control = vehicle.control ? road(*vehicle.control, vehicle.id) : nullptr;
        vehicles_.push_back(std::move(seats));
    }
}

VehicleLinks::Road* VehicleLinks::road(const control::WorkerLink& link, const std::string& vehicle) {
    auto& road = roads_[link.uri];
    if (!road) {
        road = std::make_unique<Road>();
        road->uri = link.uri;
    }
    road->book.add({vehicle, seat_address(link)});
    return road.get();
}

void VehicleLinks::start() {
    for (auto& [uri, road] : roads_) {
        open(*road);
    }
    report_changes();
    tick_.arm(kReportInterval);
}

void VehicleLinks::open(Road& road) {
    auto opened = open_link(
        road.uri,
        {.sample = [this, &road](const LinkAddress& address,
                                 const Sample& sample) { take(road, address, sample); },
         .state =
             [this, &road](LinkState state, const std::string& detail) {
                 road.state = state;
                 road.detail = detail;
                 report_changes();
             },
         .command = [this](const CommandUpdate& update) { events_.command(translated(update)); },
         .mission =
             [this, &road](const LinkAddress& address, const std::string& command,
                           const std::vector<commands::MissionItem>& items) {
                 if (const auto id = road.book.vehicle_of(address)) {
                     events_.mission({*id, command, "{\"items\":" + commands::to_json(items) + "}"});
                 }
             },
         .mission_progress =
             [this, &road](const LinkAddress& address, const MissionProgress& progress) {
                 if (const auto id = road.book.vehicle_of(address)) {
                     events_.mission_progress({*id, progress.current, progress.reached, progress.count});
                 }
             }});
    auto started = opened.and_then([&](std::unique_ptr<Link>& link) {
        road.link = std::move(link);
        return road.link->start();
    });
    if (!started) {
        road.state = LinkState::down;
        road.detail = started.error().message;
        log(LogLevel::error, "a link cannot be opened", {{"link", road.uri}, {"reason", road.detail}});
    }
}

void VehicleLinks::take(Road& road, const LinkAddress& address, const Sample& sample) {
    const auto id = road.book.vehicle_of(address);
    if (!id) {
        events_.traffic(road.uri, address, sample);
        return;
    }
    const auto vehicle = std::ranges::find(vehicles_, *id, &Seats::id);
    if (vehicle->link == &road) {
        vehicle->heard_us = g_get_monotonic_time();
    }
    events_.sample(*id, sample);
}

void VehicleLinks::report_changes() {
    for (Seats& vehicle : vehicles_) {
        if (!vehicle.link && !vehicle.control) {
            continue;
        }
        auto report = report_of(vehicle);
        if (vehicle.reported != report) {
            vehicle.reported = report;
            events_.report(report);
        }
    }
}

control::LinkReport VehicleLinks::report_of(const Seats& vehicle) const {
    const Road& main = vehicle.link ? *vehicle.link : *vehicle.control;
    control::LinkReport report{.vehicle = vehicle.id,
                               .state = translated(kLinkStates, main.state),
                               .detail = main.detail,
                               .counters = std::nullopt};
    if (main.link) {
        report.counters = translated(main.link->counters());
    }
    const bool spoke_lately = vehicle.heard_us && g_get_monotonic_time() - *vehicle.heard_us < kSilentAfterUs;
    if (vehicle.link && main.state == LinkState::up && !spoke_lately) {
        const auto address = main.book.address_of(vehicle.id);
        report.state = control::LinkState::silent;
        report.detail = "others speak on the link, but not this vehicle" +
                        (address ? " (address '" + *address + "')" : std::string()) + "; " + main.detail;
    }
    if (vehicle.link && vehicle.control && vehicle.control->state != LinkState::up) {
        report.detail += (report.detail.empty() ? "" : "; ") + std::string("control link: ") +
                         control::to_string(translated(kLinkStates, vehicle.control->state)) +
                         (vehicle.control->detail.empty() ? "" : ", " + vehicle.control->detail);
    }
    return report;
}

void VehicleLinks::answer(const std::string& command, control::CommandState state,
                          const std::string& detail) {
    events_.command({command, state, detail});
}

void VehicleLinks::send(const control::Command& command, Utc now) {
    if (!commands_.add(command.id)) {
        log(LogLevel::warning, "a command that was seen before is not sent again", {{"command", command.id}});
        return;
    }
    if (command.deadline <= now) {
        answer(command.id, control::CommandState::expired,
               "its deadline had passed before it reached the link");
        return;
    }
    const auto vehicle = std::ranges::find(vehicles_, command.vehicle, &Seats::id);
    const Road* road = vehicle == vehicles_.end() ? nullptr
                       : vehicle->control         ? vehicle->control
                                                  : vehicle->link;
    if (!road || !road->link) {
        answer(command.id, control::CommandState::failed,
               road ? "the vehicle's link is down: " + road->detail
                    : "the vehicle has no link to command it by");
        return;
    }
    const auto target = road->book.address_of(command.vehicle);
    if (!target) {
        answer(command.id, control::CommandState::failed, "the vehicle has not been heard on its link yet");
        return;
    }
    auto arguments = arguments_of(command, vehicle->kind);
    if (!arguments) {
        answer(command.id, control::CommandState::failed, arguments.error().message);
        return;
    }
    auto items = items_of(command, vehicle->kind);
    if (!items) {
        answer(command.id, control::CommandState::failed, items.error().message);
        return;
    }
    const auto sent = road->link->send({command.id, *target, command.command, command.deadline,
                                        *std::move(arguments), vehicle->kind, *std::move(items)});
    if (!sent) {
        const bool expired = sent.error().code == Code::expired;
        answer(command.id, expired ? control::CommandState::expired : control::CommandState::failed,
               sent.error().message);
    }
}

} // namespace masthead::worker
