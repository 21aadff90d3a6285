// Accounts from the command line.
#include "server/users.hpp"

#include "server/auth/role.hpp"
#include "server/auth/secrets.hpp"
#include "server/store/accounts.hpp"
#include "server/store/migrations.hpp"

#include <cstdio>
#include <iostream>

namespace masthead {
namespace {

constexpr std::size_t kLeastPassword = 10;
constexpr int kTimeoutMs = 10'000;

Result<std::string> hash_from_stdin() {
    std::string password;
    std::getline(std::cin, password);
    if (password.size() < kLeastPassword) {
        return fail(Code::invalid_argument,
                    "the password (a line on standard input) must have at least 10 characters");
    }
    return auth::hash_password(password);
}

Result<void> list(store::Connection& connection) {
    const auto users = store::list_users(connection);
    if (!users) {
        return tl::unexpected(users.error());
    }
    for (const store::User& user : *users) {
        std::printf("%s\t%s\n", user.name.c_str(), user.role.c_str());
    }
    return {};
}

Result<void> add(store::Connection& connection, const std::string& name, const std::string& role) {
    if (!auth::parse_role(role) || name.empty() || name.size() > 64) {
        return fail(
            Code::invalid_argument,
            "a name of 1 to 64 characters and the role viewer, operator, supervisor or admin are wanted");
    }
    const auto hash = hash_from_stdin();
    return hash ? store::add_user(connection, {name, *hash, role})
                : Result<void>(tl::unexpected(hash.error()));
}

Result<void> passwd(store::Connection& connection, const std::string& name) {
    const auto hash = hash_from_stdin();
    return hash ? store::set_password(connection, name, *hash) : Result<void>(tl::unexpected(hash.error()));
}

} // namespace

int manage_users(const Settings& settings, const std::vector<std::string>& words) {
    const bool listing = words == std::vector<std::string>{"list"};
    const bool adding = words.size() == 3 && words[0] == "add";
    const bool changing = words.size() == 2 && words[0] == "passwd";
    if (!listing && !adding && !changing) {
        std::fputs("masthead-server: user list | user add NAME ROLE | user passwd NAME\n", stderr);
        return 2;
    }
    auto connection = store::Connection::open(settings.database, "masthead user", kTimeoutMs);
    auto done = connection ? store::migrate(*connection) : Result<void>(tl::unexpected(connection.error()));
    if (done) {
        done = listing  ? list(*connection)
               : adding ? add(*connection, words[1], words[2])
                        : passwd(*connection, words[1]);
    }
    if (!done) {
        std::fprintf(stderr, "masthead-server: %s\n", done.error().message.c_str());
        return done.error().code == Code::invalid_argument ? 2 : 1;
    }
    return 0;
}

} // namespace masthead
