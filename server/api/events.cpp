#include "server/api/events.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/api/queries.hpp"
#include "server/auth/secrets.hpp"

namespace masthead::api {
namespace {

constexpr std::size_t kMaxWaiting = 1000;
constexpr int kListed = 100;

std::string to_json(const store::EventRow& event) {
    json::Writer out;
    out.begin_object().member("id", event.id).member("time", event.time.us).member("level", event.level);
    out.member("subject", event.subject);
    if (!event.user.empty()) {
        out.member("user", event.user);
    }
    return out.member("message", event.message).end_object().release();
}

} // namespace

Events::Events(store::Database& database, LiveState& live) : database_(database), live_(live) {}

std::vector<http::Route> Events::routes() {
    return {{"GET", "/api/events", http::Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { list(request, reply); })}};
}

void Events::list(const http::Request& request, const http::Reply& reply) {
    const auto range = query_open_range(request);
    const auto limit = query_limit(request, kListed);
    const auto vehicle = query_id(request, "vehicle");
    if (!range || !limit || !vehicle) {
        return reply.fail(!range ? range.error() : !limit ? limit.error() : vehicle.error());
    }
    const store::EventQuery query{.from = range->from,
                                  .to = range->to,
                                  .text = query_text(request, "text"),
                                  .vehicle = *vehicle,
                                  .limit = *limit};
    database_.run<std::vector<store::EventRow>>(
        [query](store::Connection& connection) { return store::list_events(connection, query); },
        [reply](const Result<std::vector<store::EventRow>>& events) {
            if (!events) {
                return reply.fail(events.error());
            }
            std::string body = "[";
            for (const store::EventRow& event : *events) {
                body += (body.size() > 1 ? "," : "") + to_json(event);
            }
            reply.send(http::json_response(200, body + "]"));
        });
}

void Events::post(store::EventRow event) {
    event.id = auth::new_name();
    event.time = utc_now();
    log(event.level == "caution" ? LogLevel::warning : LogLevel::info, event.message,
        {{"subject", event.subject}, {"user", event.user}});
    live_.event(to_json(event));
    write(event);
}

void Events::note(store::EventRow event) {
    event.id = auth::new_name();
    event.time = utc_now();
    write(event);
}

void Events::refresh() {
    for (std::deque<store::EventRow> waited = std::exchange(waiting_, {});
         const store::EventRow& event : waited) {
        write(event);
    }
}

void Events::write(const store::EventRow& event) {
    database_.run<void>(
        [event](store::Connection& connection) { return store::add_event(connection, event); },
        [this, event](const Result<void>& written) {
            if (!written && written.error().code == Code::unavailable) {
                waiting_.push_back(event);
                if (waiting_.size() > kMaxWaiting) {
                    waiting_.pop_front();
                }
            } else if (!written) {
                log(LogLevel::error, "an event could not be written down",
                    {{"why", written.error().message}});
            }
        });
}

} // namespace masthead::api
