// Signing in and out.
#include "server/api/accounts.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/auth/secrets.hpp"
#include "server/store/accounts.hpp"

#include <cstdio>

namespace masthead::api {
namespace {

constexpr std::chrono::seconds kRefresh{30};

std::string user_json(const std::string& name, std::string_view role) {
    json::Writer out;
    out.begin_object().member("name", name).member("role", role);
    return out.end_object().release();
}

/// A request that brings an Authorization header is judged by that alone.
std::optional<std::string> token_of(const http::Request& request) {
    return request.authorization.empty() ? http::cookie_value(request.cookie, kSessionCookie)
                                         : http::bearer_token(request.authorization);
}

http::Access access_of(auth::Role role) {
    switch (role) {
    case auth::Role::viewer: return http::Access::viewer;
    case auth::Role::operators: return http::Access::operators;
    case auth::Role::supervisor: return http::Access::supervisor;
    case auth::Role::admin: break;
    }
    return http::Access::admin;
}

} // namespace

Accounts::Accounts(store::Database& database, bool secure, std::function<void(const std::string&)> ended)
    : database_(database), secure_(secure), ended_(std::move(ended)), timer_(nullptr, [this] { refresh(); }) {
    timer_.repeat(kRefresh);
}

std::vector<http::Route> Accounts::routes() {
    using http::Access;
    using http::Reply;
    using http::Request;
    return {
        {"GET", "/api/session", Access::viewer,
         [this](const Request& request, const Reply& reply) {
             const auto session = sessions_.use(*token_of(request), utc_now());
             reply.send(http::json_response(200, user_json(session->user, auth::to_string(session->role))));
         }},
        {"POST", "/api/session", Access::everyone,
         [this](const Request& request, const Reply& reply) { sign_in(request, reply); }},
        {"DELETE", "/api/session", Access::viewer,
         [this](const Request& request, const Reply& reply) { sign_out(request, reply); }},
    };
}

Result<http::Caller> Accounts::caller(const http::Request& request) {
    const auto token = token_of(request);
    const auto session = token ? sessions_.use(*token, utc_now()) : std::nullopt;
    if (!session && token && refreshed_ == Utc{}) {
        return fail(Code::unavailable,
                    "the server has just begun and cannot read its sessions yet; try again");
    }
    if (!session) {
        return fail(Code::unauthenticated, "sign in first");
    }
    return http::Caller{.user = session->user, .access = access_of(session->role), .session = session->id};
}

void Accounts::sign_in(const http::Request& request, const http::Reply& reply) {
    const auto body = json::Value::parse(request.body);
    if (!body) {
        return reply.fail(body.error());
    }
    const auto name = body->string("name");
    const auto password = body->string("password");
    if (!name || !password || name->empty() || name->size() > 256 || password->size() > 4096) {
        return reply.fail({Code::invalid_argument, "'name' and 'password' are wanted"});
    }
    const Utc now = utc_now();
    if (const auto wait = limit_.wait(request.remote, *name, now)) {
        auto response = http::error_response(429, "rate_limited",
                                             "too many wrong passwords; try again in " +
                                                 std::to_string(wait->count()) + " s");
        response.headers.emplace_back("Retry-After", std::to_string(wait->count()));
        return reply.send(std::move(response));
    }
    limit_.tried(request.remote, *name, now);
    database_.run<std::optional<store::User>>(
        [name = *name](store::Connection& connection) { return store::find_user(connection, name); },
        [this, reply, remote = request.remote, name = *name,
         password = *password](Result<std::optional<store::User>> found) {
            if (!found) {
                limit_.succeeded(remote, name); // nobody's password was wrong
                return reply.fail(found.error());
            }
            const store::User user = found->value_or(store::User());
            const bool taken =
                desk_.check(user.password_hash, password, [this, reply, remote, name, user](bool right) {
                    password_checked(remote, name, user.role, right, reply);
                });
            if (!taken) {
                reply.send(
                    http::error_response(503, "unavailable", "too many people sign in at once; try again"));
            }
        });
}

void Accounts::password_checked(const std::string& remote, const std::string& name,
                                const std::string& role_name, bool right, const http::Reply& reply) {
    const auto role = auth::parse_role(role_name);
    if (!right || !role) {
        log(LogLevel::warning, "sign-in refused", {{"user", name}, {"address", remote}});
        return reply.fail({Code::unauthenticated, "name or password is wrong"});
    }
    limit_.succeeded(remote, name);
    const std::string token = auth::new_token();
    const auth::Session session{
        .id = auth::token_hash(token), .user = name, .role = *role, .last_used = utc_now()};
    database_.run<void>(
        [session](store::Connection& connection) {
            return store::add_session(connection, {session.id, session.user, {}, session.last_used});
        },
        [this, reply, session, token, remote](Result<void> added) {
            if (!added) {
                return reply.fail(added.error());
            }
            sessions_.add(session);
            log(LogLevel::info, "signed in", {{"user", session.user}, {"address", remote}});
            auto response = http::json_response(200, user_json(session.user, auth::to_string(session.role)));
            response.headers.emplace_back("Set-Cookie",
                                          cookie(token, std::chrono::seconds(auth::kIdleLimit).count()));
            reply.send(std::move(response));
        });
}

void Accounts::sign_out(const http::Request& request, const http::Reply& reply) {
    const std::string id = request.caller->session;
    sessions_.remove(id);
    ended_(id);
    database_.run<void>(
        [id](store::Connection& connection) { return store::remove_sessions(connection, {id}); },
        [user = request.caller->user](Result<void> removed) {
            if (!removed) {
                log(LogLevel::warning, "a session that was signed out is still in the database",
                    {{"user", user}, {"why", removed.error().message}});
            }
        });
    http::Response response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    response.headers.emplace_back("Set-Cookie", cookie("", 0));
    reply.send(std::move(response));
}

std::string Accounts::cookie(const std::string& token, std::int64_t max_age_s) const {
    return std::string(kSessionCookie) + "=" + token +
           "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_s) +
           (secure_ ? "; Secure" : "");
}

void Accounts::refresh() {
    const Utc now = utc_now();
    for (const std::string& id : sessions_.expire(now)) {
        ended_(id);
    }
    std::vector<store::SessionRow> used;
    for (const auto& session : sessions_.used_since(refreshed_)) {
        used.push_back({session.id, session.user, {}, session.last_used});
    }
    database_.run<std::vector<store::SessionRow>>(
        [used, since = now - auth::kIdleLimit](store::Connection& connection) {
            return store::refresh_sessions(connection, used, since);
        },
        [this, now](const Result<std::vector<store::SessionRow>>& rows) {
            if (!rows) {
                return; // the database's own state is logged where it changes
            }
            refreshed_ = now;
            std::map<std::string, auth::Role> valid;
            for (const auto& row : *rows) {
                if (const auto role = auth::parse_role(row.role)) {
                    valid.emplace(row.id, *role);
                }
            }
            for (const std::string& id : sessions_.keep_only(valid, now)) {
                ended_(id);
            }
            for (const auto& row : *rows) {
                if (const auto role = valid.find(row.id); role != valid.end() && !sessions_.has(row.id)) {
                    sessions_.add({row.id, row.user, role->second, row.last_used});
                }
            }
        });
}

Result<void> make_first_admin(store::Connection& connection) {
    const auto users = store::list_users(connection);
    if (!users || !users->empty()) {
        return users ? Result<void>() : Result<void>(tl::unexpected(users.error()));
    }
    const std::string password = auth::new_password();
    const auto hash = auth::hash_password(password);
    if (!hash) {
        return tl::unexpected(hash.error());
    }
    const auto added = store::add_first_user(connection, {"admin", *hash, "admin"});
    if (added && *added) {
        std::printf("First sign-in: admin %s\n", password.c_str());
        std::fflush(stdout);
    }
    return added ? Result<void>() : Result<void>(tl::unexpected(added.error()));
}

} // namespace masthead::api
