// Leases between requests, sockets and the rules.
#include "server/api/authority.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::api {
namespace {

constexpr std::size_t kMaxRequestBytes = 4096;
constexpr std::size_t kMaxReasonBytes = 500;

commands::Person person_of(const http::Caller& caller) {
    return {caller.user, caller.session, caller.access >= http::Access::supervisor};
}

Result<commands::LeaseRequest> parse_request(const std::string& text) {
    const auto bad = [](const std::string& rule) { return fail(Code::invalid_argument, rule); };
    const auto value = json::Value::parse(text, kMaxRequestBytes);
    if (!value) {
        return tl::unexpected(value.error());
    }
    constexpr std::string_view kMembers[] = {"type", "id", "vehicle", "part", "action", "to", "reason"};
    for (const std::string& name : value->names()) {
        if (std::ranges::find(kMembers, name) == std::end(kMembers)) {
            return bad("a lease request has no member '" + name + "'");
        }
    }
    commands::LeaseRequest request;
    request.key.vehicle = value->string("vehicle").value_or("");
    const auto part =
        commands::parse_part(value->string("part").value_or(value->find("part") ? "" : "vehicle"));
    const auto action = commands::parse_lease_action(value->string("action").value_or(""));
    if (!part) {
        return bad("'part' must be vehicle or payload");
    }
    if (!action) {
        return bad("'action' must be take, release, request, grant, refuse, hand_over or force");
    }
    request.key.part = *part;
    request.action = *action;
    request.to = value->string("to").value_or("");
    request.reason = value->string("reason").value_or("");
    if (request.reason.size() > kMaxReasonBytes) {
        return bad("'reason' must be at most 500 bytes");
    }
    return request;
}

} // namespace

Authority::Authority(const Directory& directory, std::function<void(const std::string&)> tell)
    : directory_(directory), tell_(std::move(tell)),
      tick_(nullptr, [this] { told(leases_.tick(utc_now())); }) {}

std::vector<http::Route> Authority::routes() {
    using http::Access;
    return {
        {"GET", "/api/leases", Access::viewer,
         [this](const http::Request&, const http::Reply& reply) {
             reply.send(http::json_response(200, list()));
         }},
        {"POST", "/api/leases", Access::operators,
         [this](const http::Request& request, const http::Reply& reply) {
             const auto lease = act(request.body, *request.caller);
             lease ? reply.send(http::json_response(200, *lease)) : reply.fail(lease.error());
         }},
    };
}

Result<void> Authority::may(const commands::Row& row, const std::string& vehicle,
                            const http::Caller& caller) {
    const std::string name(row.name);
    if (caller.access < http::Access::operators) {
        return fail(Code::forbidden, "commands need the role operator");
    }
    if (row.for_supervisors && caller.access < http::Access::supervisor) {
        return fail(Code::forbidden, "'" + name + "' needs the role supervisor");
    }
    told(leases_.touch(caller.session, utc_now()));
    if (row.emergency) {
        return {}; // whoever sees that a vehicle must stop may stop it
    }
    return leases_.check({vehicle, row.part}, person_of(caller)).map_error([&](Error error) {
        error.message = "'" + name + "' to '" + vehicle + "' needs the " + std::string(to_string(row.part)) +
                        "'s lease: " + error.message;
        return error;
    });
}

Result<std::string> Authority::act(const std::string& text, const http::Caller& caller) {
    const auto request = parse_request(text);
    if (!request) {
        return tl::unexpected(request.error());
    }
    if (caller.access < http::Access::operators) {
        return fail(Code::forbidden, "leases need the role operator");
    }
    if (!directory_.find(request->key.vehicle)) {
        return fail(Code::not_found, "there is no vehicle '" + request->key.vehicle + "'");
    }
    const auto lease = leases_.act(*request, person_of(caller), utc_now());
    log(LogLevel::info, "lease",
        {{"vehicle", request->key.vehicle},
         {"part", std::string(to_string(request->key.part))},
         {"action", std::string(to_string(request->action))},
         {"user", caller.user},
         {"to", request->to},
         {"reason", request->reason},
         {"refused", lease ? "" : lease.error().message}});
    if (!lease) {
        return tl::unexpected(lease.error());
    }
    told({request->key});
    return json_of(request->key);
}

void Authority::arrived(const std::string& session) { told(leases_.arrived(session)); }
void Authority::left(const std::string& session) { told(leases_.left(session, utc_now())); }
void Authority::ended(const std::string& session) { told(leases_.ended(session)); }

void Authority::told(const std::vector<commands::LeaseKey>& changed) {
    for (const commands::LeaseKey& key : changed) {
        tell_(json_of(key));
    }
    plan_tick();
}

std::string Authority::json_of(const commands::LeaseKey& key) const {
    const commands::Lease lease = leases_.get(key);
    json::Writer out;
    out.begin_object().member("type", "lease").member("vehicle", key.vehicle);
    out.member("part", to_string(key.part));
    if (!lease.user.empty()) {
        out.member("holder", lease.user).member("since", lease.since->us);
    }
    if (lease.ends) {
        out.member("ends", lease.ends->us);
    }
    if (!lease.reason.empty()) {
        out.member("reason", lease.reason);
    }
    if (!lease.offered_to.empty()) {
        out.member("offered_to", lease.offered_to);
    }
    out.key("asked_by").begin_array();
    for (const commands::Person& asker : lease.askers) {
        out.value(asker.user);
    }
    return out.end_array().end_object().release();
}

std::string Authority::list() const {
    json::Writer out;
    out.begin_array();
    for (const auto& [key, lease] : leases_.all()) {
        out.raw(json_of(key));
    }
    return out.end_array().release();
}

void Authority::plan_tick() {
    if (const auto when = leases_.next_tick()) {
        tick_.arm(std::chrono::ceil<std::chrono::milliseconds>(*when - utc_now()));
    } else {
        tick_.cancel();
    }
}

} // namespace masthead::api
