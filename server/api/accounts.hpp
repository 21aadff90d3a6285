// /api/session: signing in and out, and who a request comes from.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/auth/password_desk.hpp"
#include "server/auth/sessions.hpp"
#include "server/auth/sign_in_limit.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"

#include <functional>
#include <string>
#include <vector>

namespace masthead::api {

inline constexpr const char* kSessionCookie = "masthead_session";

/// Thread: the default GMainContext's. Borrows the database for its life.
class Accounts {
  public:
    /// `secure`: the cookie goes over TLS only. `ended` is called with the id of each session that ends.
    Accounts(store::Database& database, bool secure, std::function<void(const std::string& session)> ended);
    Accounts(const Accounts&) = delete;
    Accounts& operator=(const Accounts&) = delete;

    [[nodiscard]] std::vector<http::Route> routes();
    /// Who a request comes from, by its bearer token or else its cookie; such a session counts as used.
    /// Errors: unauthenticated, unavailable (the sessions of an earlier run have not been read yet).
    [[nodiscard]] Result<http::Caller> caller(const http::Request& request);
    /// The database is there (again): takes in the sessions it knows and ends those it does not.
    void refresh();

  private:
    void sign_in(const http::Request& request, const http::Reply& reply);
    void password_checked(const std::string& remote, const std::string& name, const std::string& role,
                          bool right, const http::Reply& reply);
    void sign_out(const http::Request& request, const http::Reply& reply);
    [[nodiscard]] std::string cookie(const std::string& token, std::int64_t max_age_s) const;

    store::Database& database_;
    bool secure_;
    std::function<void(const std::string&)> ended_;
    auth::SessionTable sessions_;
    auth::SignInLimit limit_;
    Utc refreshed_;
    Timer timer_;
    auth::PasswordDesk desk_;
};

/// Makes the first user `admin` if there is none and prints its password once; runs on a database's thread.
[[nodiscard]] Result<void> make_first_admin(store::Connection& connection);

} // namespace masthead::api
