#include "server/api/bookmarks.hpp"

#include "plugins/glib/json.hpp"
#include "server/api/queries.hpp"
#include "server/auth/secrets.hpp"
#include "server/control/protocol.hpp"

namespace masthead::api {
namespace {

constexpr std::size_t kMaxNote = 4000;

void write(json::Writer& out, const store::Bookmark& bookmark) {
    out.begin_object().member("id", bookmark.id);
    if (!bookmark.vehicle.empty()) {
        out.member("vehicle", bookmark.vehicle);
    }
    if (!bookmark.camera.empty()) {
        out.member("camera", bookmark.camera);
    }
    out.member("from", bookmark.began.us).member("to", bookmark.ended.us).member("note", bookmark.note);
    out.member("protects", bookmark.protects)
        .member("user", bookmark.user)
        .member("created", bookmark.created.us);
    out.end_object();
}

/// Absent: empty.
Result<std::string> name_in(const json::Value& value, const char* member) {
    if (!value.find(member)) {
        return "";
    }
    auto name = value.string(member);
    if (name && !control::is_id(*name)) {
        return fail(Code::invalid_argument, std::string("'") + member + "' must be the id of a " + member);
    }
    return name;
}

Result<store::Bookmark> parse(const std::string& body) {
    const auto value = json::Value::parse(body);
    if (!value) {
        return tl::unexpected(value.error());
    }
    store::Bookmark bookmark;
    auto vehicle = name_in(*value, "vehicle");
    auto camera = name_in(*value, "camera");
    const auto from = value->integer("from");
    const auto to = value->find("to") ? value->integer("to") : from;
    auto note = value->string("note");
    const auto protects = value->find("protects") ? value->boolean("protects") : Result<bool>(false);
    for (const auto* text : {&vehicle, &camera, &note}) {
        if (!*text) {
            return tl::unexpected(text->error());
        }
    }
    if (!from || !to || !protects) {
        return tl::unexpected(!from ? from.error() : !to ? to.error() : protects.error());
    }
    if (*from < 0 || *to < *from) {
        return fail(Code::invalid_argument, "'from' must not be after 'to'");
    }
    if (note->size() > kMaxNote) {
        return fail(Code::invalid_argument, "'note' must be at most 4000 bytes");
    }
    if (!camera->empty() && vehicle->empty()) {
        return fail(Code::invalid_argument, "'camera' needs its 'vehicle'");
    }
    bookmark.vehicle = *std::move(vehicle);
    bookmark.camera = *std::move(camera);
    bookmark.began = {*from};
    bookmark.ended = {*to};
    bookmark.note = *std::move(note);
    bookmark.protects = *protects;
    return bookmark;
}

} // namespace

std::vector<http::Route> Bookmarks::routes() {
    using http::Access;
    const auto to =
        [this](void (Bookmarks::*handle)(const http::Request&, const http::Reply&)) -> http::Handler {
        return [this, handle](const http::Request& request, const http::Reply& reply) {
            (this->*handle)(request, reply);
        };
    };
    return {{"GET", "/api/bookmarks", Access::viewer, to(&Bookmarks::list)},
            {"POST", "/api/bookmarks", Access::operators, to(&Bookmarks::add)},
            {"PUT", "/api/bookmarks/{bookmark}", Access::operators, to(&Bookmarks::replace)},
            {"DELETE", "/api/bookmarks/{bookmark}", Access::operators, to(&Bookmarks::remove)}};
}

void Bookmarks::list(const http::Request& request, const http::Reply& reply) {
    const auto range = query_range(request);
    const auto limit = query_limit(request, 1000);
    if (!range || !limit) {
        return reply.fail(!range ? range.error() : limit.error());
    }
    const store::BookmarkQuery query{
        .from = range->from, .to = range->to, .text = query_text(request, "text"), .limit = *limit};
    database_.run<std::vector<store::Bookmark>>(
        [query](store::Connection& connection) { return store::list_bookmarks(connection, query); },
        [reply](const Result<std::vector<store::Bookmark>>& bookmarks) {
            if (!bookmarks) {
                return reply.fail(bookmarks.error());
            }
            json::Writer out;
            out.begin_array();
            for (const store::Bookmark& bookmark : *bookmarks) {
                write(out, bookmark);
            }
            reply.send(http::json_response(200, out.end_array().release()));
        });
}

void Bookmarks::add(const http::Request& request, const http::Reply& reply) {
    auto bookmark = parse(request.body);
    if (!bookmark) {
        return reply.fail(bookmark.error());
    }
    bookmark->id = auth::new_name();
    bookmark->user = request.caller->user;
    bookmark->created = utc_now();
    put(*std::move(bookmark), 201, reply);
}

void Bookmarks::replace(const http::Request& request, const http::Reply& reply) {
    auto bookmark = parse(request.body);
    if (!bookmark) {
        return reply.fail(bookmark.error());
    }
    bookmark->id = request.slots.at("bookmark");
    database_.run<store::Bookmark>(
        [id = bookmark->id](store::Connection& connection) { return store::get_bookmark(connection, id); },
        [this, bookmark = *bookmark, reply](const Result<store::Bookmark>& known) mutable {
            if (!known) {
                return reply.fail(known.error());
            }
            bookmark.user = known->user;
            bookmark.created = known->created;
            put(std::move(bookmark), 200, reply);
        });
}

void Bookmarks::put(store::Bookmark bookmark, int status, const http::Reply& reply) {
    database_.run<void>(
        [bookmark](store::Connection& connection) { return store::put_bookmark(connection, bookmark); },
        [bookmark, status, reply](const Result<void>& done) {
            if (!done) {
                return reply.fail(done.error());
            }
            json::Writer out;
            write(out, bookmark);
            reply.send(http::json_response(status, out.release()));
        });
}

void Bookmarks::remove(const http::Request& request, const http::Reply& reply) {
    database_.run<void>([id = request.slots.at("bookmark")](
                            store::Connection& connection) { return store::remove_bookmark(connection, id); },
                        [reply](const Result<void>& done) {
                            if (!done) {
                                return reply.fail(done.error());
                            }
                            reply.send({.status = 204, .content_type = "", .body = ""});
                        });
}

} // namespace masthead::api
