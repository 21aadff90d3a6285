#include "server/api/audit.hpp"

#include "plugins/bytes/csv.hpp"
#include "plugins/glib/json.hpp"
#include "server/api/queries.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr int kListed = 100;
constexpr std::string_view kSignIn = "/api/session";
constexpr std::string_view kCommand = "/api/control";
// Bodies elsewhere hold passwords, keys and whole files.
constexpr std::string_view kBodies[] = {kCommand, "/api/commands", "/api/leases", "/api/geofences",
                                        "/api/alerts"};

bool has_told_body(const std::string& path) {
    return std::ranges::any_of(kBodies, [&](std::string_view known) {
        return path.starts_with(known) && (path.size() == known.size() || path[known.size()] == '/');
    });
}

std::string as_json(const std::vector<store::AuditRow>& rows) {
    std::string body = "[";
    for (const store::AuditRow& row : rows) {
        body += (body.size() > 1 ? "," : "") + store::to_json(row);
    }
    return body + "]";
}

std::string as_csv(const std::vector<store::AuditRow>& rows) {
    std::string body = "number,time,user,address,action,subject,detail,result,hash\r\n";
    for (const auto& [entry, hash] : rows) {
        body += std::to_string(entry.number) + "," + to_iso8601(entry.time);
        for (const std::string* text :
             {&entry.user, &entry.address, &entry.action, &entry.subject, &entry.detail, &entry.result}) {
            body += "," + csv_field(*text);
        }
        body += "," + hash + "\r\n";
    }
    return body;
}

std::string query_of(const http::Request& request) {
    std::string text;
    for (const auto& [name, value] : request.query) {
        text += (text.empty() ? "" : "&") + name + "=" + value;
    }
    return text;
}

std::string name_in(const std::string& body) {
    const auto value = json::Value::parse(body);
    return value ? value->string("name").value_or("") : "";
}

} // namespace

std::vector<http::Route> Audit::routes() {
    return {{"GET", "/api/audit", http::Access::admin,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { list(request, reply); })}};
}

void Audit::request(const http::Request& request, int status) {
    const bool signs_in = request.path == kSignIn && request.method == "POST";
    if (!request.caller && !signs_in) {
        return;
    }
    log_.note({.user = request.caller ? request.caller->user : name_in(request.body),
               .address = request.remote,
               .action = request.method,
               .subject = request.path,
               .detail = has_told_body(request.path) ? request.body : query_of(request),
               .result = std::to_string(status)});
}

void Audit::message(const http::Caller& caller, const std::string& text, const std::string& error) {
    log_.note({.user = caller.user,
               .address = caller.remote,
               .action = "message",
               .subject = std::string(kCommand),
               .detail = text,
               .result = error.empty() ? "taken" : error});
}

void Audit::command(const commands::Command& command) {
    const std::string state(commands::to_string(command.state));
    std::string detail = command.command + " " + command.id;
    if (command.parameters != "{}") {
        detail += " " + command.parameters;
    }
    if (!command.reason.empty()) {
        detail += ": " + command.reason;
    }
    log_.note({.user = command.user,
               .address = {},
               .action = "command",
               .subject = "command/" + command.vehicle,
               .detail = std::move(detail),
               .result = command.detail.empty() ? state : state + ": " + command.detail});
}

void Audit::list(const http::Request& request, const http::Reply& reply) {
    const auto range = query_open_range(request);
    const auto limit = query_limit(request, kListed);
    const std::string format = query_text(request, "format");
    if (!range || !limit) {
        return reply.fail(!range ? range.error() : limit.error());
    }
    if (!format.empty() && format != "json" && format != "csv") {
        return reply.fail({Code::invalid_argument, "'format' must be json or csv"});
    }
    log_.list({.from = range->from,
               .to = range->to,
               .user = query_text(request, "user"),
               .text = query_text(request, "text"),
               .limit = *limit},
              [reply, csv = format == "csv"](const Result<std::vector<store::AuditRow>>& rows) {
                  if (!rows) {
                      return reply.fail(rows.error());
                  }
                  if (!csv) {
                      return reply.send(http::json_response(200, as_json(*rows)));
                  }
                  reply.send({.status = 200,
                              .content_type = "text/csv; charset=utf-8",
                              .body = as_csv(*rows),
                              .headers = {{"Content-Disposition", "attachment; filename=\"audit.csv\""}}});
              });
}

} // namespace masthead::api
