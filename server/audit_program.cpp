// The audit from the command line.
#include "server/audit_program.hpp"

#include "server/store/audit.hpp"

#include <cstdio>

namespace masthead {
namespace {

constexpr int kTimeoutMs = 60'000;

Result<void> print(const store::AuditRow& row) {
    std::puts(store::to_json(row).c_str());
    return {};
}

Result<void> verify(store::Connection& connection, const std::filesystem::path& head_file) {
    const auto heads = store::read_audit_heads(head_file);
    if (!heads) {
        return tl::unexpected(heads.error());
    }
    audit::Verifier verifier(*heads);
    Utc newest;
    const auto whole = store::each_audit_row(connection, [&](const store::AuditRow& row) {
        newest = row.entry.time;
        return verifier.next(row.entry, row.hash);
    });
    const auto last = whole.and_then([&] { return verifier.end(); });
    if (!last) {
        return tl::unexpected(last.error());
    }
    std::printf("the audit is whole: %lld entries, the newest of %s; its head file agrees up to entry %lld\n",
                static_cast<long long>(last->number), to_iso8601(newest).c_str(),
                static_cast<long long>(heads->empty() ? 0 : heads->back().number));
    return {};
}

} // namespace

int read_audit(const Settings& settings, const std::vector<std::string>& words) {
    const bool verifying = words == std::vector<std::string>{"verify"};
    if (!verifying && words != std::vector<std::string>{"export"}) {
        std::fputs("masthead-server: audit verify | audit export\n", stderr);
        return 2;
    }
    auto connection = store::Connection::open(settings.database, "masthead audit by hand", kTimeoutMs);
    const auto done = connection ? verifying ? verify(*connection, settings.data / store::kAuditHeads)
                                             : store::each_audit_row(*connection, print)
                                 : Result<void>(tl::unexpected(connection.error()));
    if (!done) {
        std::fprintf(stderr, "masthead-server: %s\n", done.error().message.c_str());
    }
    return done ? 0 : 1;
}

} // namespace masthead
