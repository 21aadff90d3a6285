// Commands: from a request to the vehicle and back.
#include "server/api/control.hpp"

#include "plugins/commands/arguments.hpp"
#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr int kListed = 100;

std::string command_json(const commands::Command& command) {
    json::Writer out;
    out.begin_object().member("type", "command").member("id", command.id).member("vehicle", command.vehicle);
    out.member("command", command.command).key("parameters").raw(command.parameters);
    out.member("user", command.user).member("state", commands::to_string(command.state));
    for (const auto& [name, text] :
         {std::pair("detail", &command.detail), std::pair("reason", &command.reason),
          std::pair("target", &command.target), std::pair("idempotency_key", &command.key)}) {
        if (!text->empty()) {
            out.member(name, *text);
        }
    }
    out.member("resends", command.resends).key("steps").raw(commands::to_json(command.steps));
    out.member("created", command.created.us).member("updated", command.updated.us);
    return out.member("deadline", command.deadline.us).end_object().release();
}

store::CommandRow row_of(const commands::Command& command) {
    return {.id = command.id,
            .vehicle = command.vehicle,
            .command = command.command,
            .user = command.user,
            .state = std::string(commands::to_string(command.state)),
            .detail = command.detail,
            .created = command.created,
            .updated = command.updated,
            .deadline = command.deadline,
            .parameters = command.parameters,
            .reason = command.reason,
            .key = command.key,
            .target = command.target,
            .resends = command.resends,
            .steps = commands::to_json(command.steps)};
}

commands::Command command_of(const store::CommandRow& row) {
    return {.id = row.id,
            .key = row.key,
            .vehicle = row.vehicle,
            .command = row.command,
            .parameters = row.parameters,
            .reason = row.reason,
            .user = row.user,
            .state = commands::parse_state(row.state).value_or(commands::State::failed),
            .detail = row.detail,
            .target = row.target,
            .resends = row.resends,
            .created = row.created,
            .updated = row.updated,
            .deadline = row.deadline,
            .steps = commands::steps_from_json(row.steps)};
}

commands::Kinds kind_of(const Vehicle& vehicle) {
    return vehicle.kind == control::VehicleKind::drone ? commands::kDrone : commands::kVessel;
}

void log_command(const commands::Command& command) {
    log(LogLevel::info, "command",
        {{"id", command.id},
         {"vehicle", command.vehicle},
         {"command", command.command},
         {"user", command.user},
         {"state", std::string(commands::to_string(command.state))},
         {"detail", command.detail}});
}

std::string control_error(const std::string& id, const Error& error) {
    json::Writer out;
    out.begin_object().member("type", "error");
    if (!id.empty()) {
        out.member("id", id);
    }
    out.member("error", to_string(error.code)).member("message", error.message);
    return out.end_object().release();
}

} // namespace

Control::Control(const Directory& directory, const Geofences& geofences, control::Fleet& fleet,
                 store::CommandLog& log, Authority& authority, Missions& missions, ControlEvents events)
    : directory_(directory), geofences_(geofences), fleet_(fleet), log_(log), authority_(authority),
      missions_(missions), events_(std::move(events)),
      tick_(nullptr, [this] { carry_out(desk_.tick(utc_now())); }) {}

std::vector<http::Route> Control::routes() {
    using http::Access;
    const auto post = [this](const http::Request& request, const http::Reply& reply) {
        ask(request.body, *request.caller, answer_to(reply));
    };
    return {
        {"GET", "/api/control", Access::viewer,
         http::SocketHandler([this](const http::Request&, std::shared_ptr<http::WebSocket> socket) {
             opened(std::move(socket));
         })},
        {"POST", "/api/control", Access::operators, post},
        {"POST", "/api/commands", Access::operators, post},
        {"POST", "/api/commands/{id}/cancel", Access::operators,
         [this](const http::Request& request, const http::Reply& reply) {
             cancel(request.slots.at("id"), *request.caller, answer_to(reply));
         }},
        {"GET", "/api/commands", Access::viewer,
         [this](const http::Request& request, const http::Reply& reply) { list(request, reply); }},
    };
}

Control::Answer Control::answer_to(const http::Reply& reply) {
    return [reply](const Result<commands::Command>& command) {
        if (command) {
            reply.send(http::json_response(202, command_json(*command)));
        } else {
            reply.fail(command.error());
        }
    };
}

/// What the caller asks for as a command that may be written down, or why it must not be.
Result<Control::Checked> Control::checked(const std::string& text, const http::Caller& caller) const {
    const auto request = commands::parse_request(text);
    if (!request) {
        return tl::unexpected(request.error());
    }
    if (caller.access < http::Access::operators) {
        return fail(Code::forbidden, "commands need the role operator");
    }
    const Vehicle* vehicle = directory_.find(request->vehicle);
    if (!vehicle) {
        return fail(Code::not_found, "there is no vehicle '" + request->vehicle + "'");
    }
    auto arguments = commands::read_arguments(*request->row, kind_of(*vehicle), request->parameters);
    if (!arguments) {
        return tl::unexpected(arguments.error());
    }
    return Checked{commands::make_command(*request, commands::to_json(*arguments), caller.user, utc_now()),
                   request->row,
                   *std::move(arguments),
                   {}};
}

Result<void> Control::allowed(const Checked& asked, const http::Caller& caller) {
    return authority_.may(*asked.row, asked.command.vehicle, caller).and_then([&] {
        const commands::Situation& situation = situations_[asked.command.vehicle];
        const Utc now = utc_now();
        return commands::makes_sense(*asked.row, asked.arguments, situation, now)
            .and_then([&] { return commands::in_range(asked.items, situation, now); })
            .and_then([&] {
                return commands::within_fences(*asked.row, asked.arguments, situation, geofences_.all(),
                                               asked.command.vehicle, now);
            });
    });
}

void Control::ask(const std::string& text, const http::Caller& caller, const Answer& answer) {
    const auto asked = checked(text, caller);
    if (!asked) {
        return answer(tl::unexpected(asked.error()));
    }
    const bool brings_mission = asked->row->mission == commands::MissionTask::upload;
    if (!brings_mission || desk_.find(asked->command.id)) {
        return take_in(*asked, caller, answer);
    }
    const auto kind = directory_.find(asked->command.vehicle)->kind;
    missions_.find(
        asked->arguments, kind,
        [this, asked = *asked, caller, answer](Result<std::vector<commands::MissionItem>> items) mutable {
            if (!items) {
                return answer(tl::unexpected(items.error()));
            }
            asked.items = *std::move(items);
            take_in(asked, caller, answer);
        });
}

void Control::take_in(const Checked& asked, const http::Caller& caller, const Answer& answer) {
    const commands::Command& command = asked.command;
    auto known = desk_.known(command);
    if (!known) {
        return answer(tl::unexpected(known.error()));
    }
    if (*known) {
        const auto writing = writing_.find((*known)->id);
        return writing == writing_.end() ? answer(**known) : writing->second.push_back(answer);
    }
    if (auto taken = allowed(asked, caller).and_then([&] { return desk_.ask(command); }); !taken) {
        return answer(tl::unexpected(taken.error()));
    }
    if (!asked.items.empty()) {
        payloads_[command.id] = "{\"items\":" + commands::to_json(asked.items) + "}";
    }
    write_down(command, answer);
}

void Control::arrived(const control::Telemetry& telemetry) {
    const Utc now = utc_now();
    const Sample& sample = telemetry.sample;
    commands::Situation& situation = situations_[telemetry.vehicle];
    situation.heard = now;
    if (sample.armed) {
        situation.armed = {*sample.armed, now};
    }
    if (sample.altitude_agl_m) {
        situation.height_m = {*sample.altitude_agl_m, now};
    }
    if (sample.altitude_msl_m) {
        situation.altitude_msl_m = {*sample.altitude_msl_m, now};
    }
    if (sample.latitude_deg && sample.longitude_deg) {
        situation.place = {{*sample.latitude_deg, *sample.longitude_deg}, now};
    }
}

void Control::write_down(const commands::Command& command, const Answer& answer) {
    using Without = store::CommandLog::Without;
    writing_[command.id] = {answer};
    log_command(command);
    plan_tick();
    const Without without = commands::row(command.command)->emergency ? Without::spool : Without::refuse;
    log_.write(row_of(command), without, [this, command](const Result<void>& written) {
        const std::vector<Answer> waiting = std::move(writing_[command.id]);
        writing_.erase(command.id);
        if (!written) {
            desk_.forget(command.id);
            payloads_.erase(command.id);
            log(LogLevel::error, "a command could not be written down and was not sent",
                {{"id", command.id}, {"why", written.error().message}});
        }
        for (const Answer& each : waiting) {
            each(written ? Result<commands::Command>(command) : tl::unexpected(written.error()));
        }
        if (written) {
            announce(command);
            carry_out(desk_.written(command.id, utc_now()));
        }
    });
}

void Control::cancel(const std::string& id, const http::Caller& caller, const Answer& answer) {
    if (caller.access < http::Access::operators) {
        return answer(fail(Code::forbidden, "commands need the role operator"));
    }
    const auto changes = desk_.cancel(id, caller.user, utc_now());
    if (!changes) {
        return answer(tl::unexpected(changes.error()));
    }
    carry_out(*changes);
    answer(*desk_.find(id));
}

void Control::progress(const control::CommandProgress& progress) {
    if (const auto state = commands::parse_state(control::to_string(progress.state))) {
        carry_out(desk_.reported({.id = progress.id,
                                  .state = *state,
                                  .detail = progress.detail,
                                  .target = progress.target,
                                  .resends = progress.resends.value_or(0),
                                  .late = progress.late.value_or(false)},
                                 utc_now()));
    }
}

void Control::worker_ended(const std::vector<std::string>& vehicles) {
    carry_out(desk_.worker_ended(vehicles, utc_now()));
}

void Control::carry_out(const commands::Changes& changes) {
    for (const commands::Command& command : changes.changed) {
        tell(command);
    }
    for (const commands::Command& command : changes.send) {
        control::Command message{command.id, command.vehicle, command.command, command.deadline,
                                 command.parameters};
        if (auto payload = payloads_.extract(command.id)) {
            message.mission = std::move(payload.mapped());
        }
        const auto sent = fleet_.send_command(message);
        if (!sent) {
            carry_out(desk_.reported(
                {.id = command.id, .state = commands::State::failed, .detail = sent.error().message},
                utc_now()));
        }
    }
    plan_tick();
}

void Control::announce(const commands::Command& command) {
    broadcast(command_json(command));
    events_.told(command);
}

void Control::tell(const commands::Command& command) {
    log_command(command);
    if (commands::is_final(command.state)) {
        payloads_.erase(command.id);
    }
    announce(command);
    log_.write(row_of(command), store::CommandLog::Without::spool,
               [id = command.id](const Result<void>& written) {
                   if (!written) {
                       log(LogLevel::error, "a command's state could not be written down",
                           {{"id", id}, {"why", written.error().message}});
                   }
               });
}

void Control::broadcast(const std::string& text) {
    for (const auto& socket : sockets_) {
        socket->send(text);
    }
}

void Control::plan_tick() {
    if (const auto when = desk_.next_tick()) {
        tick_.arm(std::chrono::ceil<std::chrono::milliseconds>(*when - utc_now()));
    } else {
        tick_.cancel();
    }
}

void Control::opened(std::shared_ptr<http::WebSocket> socket) {
    const auto place = sockets_.insert(sockets_.end(), std::move(socket));
    http::WebSocket& here = **place;
    const std::weak_ptr<http::WebSocket> weak = *place;
    const http::Caller caller = here.caller();
    here.on_close = [this, place, session = caller.session] {
        authority_.left(session);
        sockets_.erase(place); // and this with it
    };
    here.on_message = [this, weak, caller](const std::string& text) {
        if (const auto alive = weak.lock()) {
            received(text, caller, alive);
        }
    };
    authority_.arrived(caller.session);
}

void Control::received(const std::string& text, const http::Caller& caller,
                       const std::shared_ptr<http::WebSocket>& socket) {
    const auto value = json::Value::parse(text);
    const std::string id = value ? value->string("id").value_or("") : "";
    const std::string type = value ? value->string("type").value_or("") : "";
    if (type == "lease") {
        const auto lease = authority_.act(text, caller);
        events_.asked(caller, text, lease ? "" : lease.error().message);
        if (!lease) { // else everyone has heard of it
            socket->send(control_error(id, lease.error()));
        }
        return;
    }
    const Answer answer = [this, caller, text, weak = std::weak_ptr(socket),
                           id](const Result<commands::Command>& command) {
        events_.asked(caller, text, command ? "" : command.error().message);
        if (const auto alive = weak.lock()) {
            // Everyone hears of a new command; who repeats an old one hears how it stands.
            alive->send(command ? command_json(*command) : control_error(id, command.error()));
        }
    };
    if (type == "cancel") {
        cancel(id, caller, answer);
    } else {
        ask(text, caller, answer);
    }
}

void Control::list(const http::Request& request, const http::Reply& reply) {
    const auto vehicle = request.query.find("vehicle");
    const auto named = vehicle == request.query.end() ? std::nullopt : std::optional(vehicle->second);
    log_.list(kListed, named, [reply](const Result<std::vector<store::CommandRow>>& rows) {
        if (!rows) {
            return reply.fail(rows.error());
        }
        json::Writer out;
        out.begin_array();
        for (const store::CommandRow& row : *rows) {
            out.raw(command_json(command_of(row)));
        }
        reply.send(http::json_response(200, out.end_array().release()));
    });
}

} // namespace masthead::api
