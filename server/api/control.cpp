// Commands: from a request to the vehicle and back.
#include "server/api/control.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr int kListed = 100;

void write_command(json::Writer& out, const commands::Command& command) {
    out.begin_object().member("type", "command").member("id", command.id).member("vehicle", command.vehicle);
    out.member("command", command.command).member("user", command.user);
    out.member("state", commands::to_string(command.state));
    if (!command.detail.empty()) {
        out.member("detail", command.detail);
    }
    out.member("created", command.created.us).member("updated", command.updated.us);
    out.member("deadline", command.deadline.us).end_object();
}

std::string command_json(const commands::Command& command) {
    json::Writer out;
    write_command(out, command);
    return out.release();
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
            .deadline = command.deadline};
}

commands::Command command_of(const store::CommandRow& row) {
    return {.id = row.id,
            .vehicle = row.vehicle,
            .command = row.command,
            .user = row.user,
            .state = commands::parse_state(row.state).value_or(commands::State::failed),
            .detail = row.detail,
            .created = row.created,
            .updated = row.updated,
            .deadline = row.deadline};
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

Control::Control(const Directory& directory, control::Fleet& fleet, store::CommandLog& log,
                 ControlEvents events)
    : directory_(directory), fleet_(fleet), log_(log), events_(std::move(events)) {}

std::vector<http::Route> Control::routes() {
    using http::Access;
    return {
        {"GET", "/api/control", Access::viewer,
         http::SocketHandler([this](const http::Request&, std::shared_ptr<http::WebSocket> socket) {
             opened(std::move(socket));
         })},
        {"POST", "/api/control", Access::operators,
         [this](const http::Request& request, const http::Reply& reply) {
             ask(request.body, *request.caller, [reply](const Result<commands::Command>& command) {
                 if (command) {
                     reply.send(http::json_response(202, command_json(*command)));
                 } else {
                     reply.fail(command.error());
                 }
             });
         }},
        {"GET", "/api/commands", Access::viewer,
         [this](const http::Request&, const http::Reply& reply) { list(reply); }},
    };
}

void Control::ask(const std::string& text, const http::Caller& caller, const Answer& answer) {
    const auto request = commands::parse_request(text);
    if (!request) {
        return answer(tl::unexpected(request.error()));
    }
    if (caller.access < http::Access::operators) {
        return answer(fail(Code::forbidden, "commands need the role operator or admin"));
    }
    auto known = book_.known(*request, caller.user);
    if (!known) {
        return answer(tl::unexpected(known.error()));
    }
    if (*known) {
        const auto writing = writing_.find(request->id);
        return writing == writing_.end() ? answer(**known) : writing->second.push_back(answer);
    }
    if (!directory_.find(request->vehicle)) {
        return answer(fail(Code::not_found, "there is no vehicle '" + request->vehicle + "'"));
    }
    write_and_send(commands::make_command(*request, caller.user, utc_now()), answer);
}

void Control::write_and_send(const commands::Command& command, const Answer& answer) {
    book_.put(command);
    writing_[command.id] = {answer};
    log_command(command);
    log_.write(row_of(command), [this, command](const Result<void>& written) {
        const std::vector<Answer> waiting = std::move(writing_[command.id]);
        writing_.erase(command.id);
        if (!written) {
            book_.remove(command.id);
            log(LogLevel::error, "a command could not be written down and was not sent",
                {{"id", command.id}, {"why", written.error().message}});
        }
        for (const Answer& each : waiting) {
            each(written ? Result<commands::Command>(command) : tl::unexpected(written.error()));
        }
        if (written) {
            broadcast(command);
            send(command);
        }
    });
}

void Control::send(const commands::Command& command) {
    if (const auto late = commands::timed(command, utc_now())) {
        return change(*late);
    }
    set_timer(command);
    const auto kind =
        command.command == "return" ? control::CommandKind::return_home : control::CommandKind::hold;
    const auto sent = fleet_.send_command({command.id, command.vehicle, kind, command.deadline});
    if (!sent) {
        if (const auto failed =
                commands::reported(command, commands::State::failed, sent.error().message, utc_now())) {
            change(*failed);
        }
    }
}

void Control::progress(const control::CommandProgress& progress) {
    const commands::Command* command = book_.find(progress.id);
    const auto state = commands::parse_state(control::to_string(progress.state));
    if (!command || !state) {
        return;
    }
    if (const auto changed = commands::reported(*command, *state, progress.detail, utc_now())) {
        change(*changed);
    }
}

void Control::worker_ended(const std::vector<std::string>& vehicles) {
    for (const commands::Command& command : book_.open_of(vehicles)) {
        if (writing_.contains(command.id)) {
            continue; // not sent yet
        }
        if (const auto failed =
                commands::reported(command, commands::State::failed,
                                   "the vehicle's worker ended before the outcome was known", utc_now())) {
            change(*failed);
        }
    }
}

void Control::change(const commands::Command& command) {
    book_.put(command);
    set_timer(command);
    log_command(command);
    broadcast(command);
    log_.write(row_of(command), [id = command.id](const Result<void>& written) {
        if (!written) {
            log(LogLevel::error, "a command's state could not be written down",
                {{"id", id}, {"why", written.error().message}});
        }
    });
}

void Control::broadcast(const commands::Command& command) {
    const std::string text = command_json(command);
    for (const auto& socket : sockets_) {
        socket->send(text);
    }
    events_.told(command);
}

void Control::set_timer(const commands::Command& command) {
    const auto when = commands::next_time(command);
    if (!when) {
        timers_.erase(command.id);
        return;
    }
    const auto [timer, is_new] =
        timers_.try_emplace(command.id, nullptr, [this, id = command.id] { due(id); });
    timer->second.arm(std::chrono::ceil<std::chrono::milliseconds>(*when - utc_now()));
}

void Control::due(const std::string& id) {
    const commands::Command* command = book_.find(id);
    if (!command) {
        timers_.erase(id);
        return;
    }
    if (const auto expired = commands::timed(*command, utc_now())) {
        change(*expired);
    } else {
        set_timer(*command);
    }
}

void Control::opened(std::shared_ptr<http::WebSocket> socket) {
    const auto place = sockets_.insert(sockets_.end(), std::move(socket));
    http::WebSocket& here = **place;
    const std::weak_ptr<http::WebSocket> weak = *place;
    here.on_close = [this, place] { sockets_.erase(place); };
    here.on_message = [this, weak, caller = here.caller()](const std::string& text) {
        ask(text, caller, [this, caller, weak, text](const Result<commands::Command>& command) {
            events_.asked(caller, text, command ? "" : command.error().message);
            const auto alive = weak.lock();
            if (!alive) {
                return;
            }
            if (!command) {
                const auto value = json::Value::parse(text);
                alive->send(control_error(value ? value->string("id").value_or("") : "", command.error()));
            } else {
                // Everyone hears of a new command; who repeats an old one hears how it stands.
                alive->send(command_json(*command));
            }
        });
    };
}

void Control::list(const http::Reply& reply) {
    log_.list(kListed, [reply](const Result<std::vector<store::CommandRow>>& rows) {
        if (!rows) {
            return reply.fail(rows.error());
        }
        json::Writer out;
        out.begin_array();
        for (const store::CommandRow& row : *rows) {
            write_command(out, command_of(row));
        }
        reply.send(http::json_response(200, out.end_array().release()));
    });
}

} // namespace masthead::api
