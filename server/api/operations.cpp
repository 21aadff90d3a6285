#include "server/api/operations.hpp"

#include "plugins/glib/log.hpp"

namespace masthead::api {
namespace {

constexpr int kListed = 100;
constexpr std::size_t kMostOpen = 100;
constexpr std::chrono::minutes kEvery{10};
constexpr std::chrono::hours kDay{24};

/// "export of kestrel/nose"
std::string title_of(const store::OperationRow& row) {
    return row.kind + " of " + row.vehicle + "/" + row.camera;
}

} // namespace

Operations::Operations(store::Database& database, Events& events, OperationSettings settings)
    : database_(database), events_(events), settings_(std::move(settings)),
      timer_(nullptr, [this] { remove_old(); }) {
    timer_.repeat(kEvery);
}

std::vector<http::Route> Operations::routes() {
    using http::Access;
    return {{"GET", "/api/operations", Access::viewer,
             http::Handler([this](const http::Request&, const http::Reply& reply) { list(reply); })},
            {"GET", "/api/operations/{operation}", Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { get(request, reply); })},
            {"DELETE", "/api/operations/{operation}", Access::operators,
             http::Handler([this](const http::Request& request, const http::Reply& reply) {
                 remove(request, reply);
             })}};
}

std::string Operations::to_json(const store::OperationRow& row) const {
    const auto found = jobs_.find(row.id);
    const Job* job = row.state == "queued" && found != jobs_.end() ? &found->second : nullptr;
    json::Writer out;
    out.begin_object().member("id", row.id).member("kind", row.kind);
    out.member("state", job && job->begun ? "running" : row.state);
    out.member("progress", job ? job->progress : row.state == "done" ? 1.0 : 0.0);
    out.member("detail", job ? job->detail : row.detail)
        .member("user", row.user)
        .member("created", row.created.us);
    if (row.ended) {
        out.member("ended", row.ended->us).member("expires", (*row.ended + kDay * settings_.keep_days).us);
    }
    out.member("vehicle", row.vehicle).member("camera", row.camera);
    if (row.from && row.to) {
        out.member("from", row.from->us).member("to", row.to->us);
    }
    if (const auto request = json::Value::parse(row.request)) {
        for (const std::string& name : request->names()) {
            if (const auto value = request->find(name)) {
                out.member(name, *value);
            }
        }
    }
    return out.key("files").raw(row.files).end_object().release();
}

// --- Answers ---

void Operations::list(const http::Reply& reply) {
    database_.run<std::vector<store::OperationRow>>(
        [](store::Connection& connection) { return store::list_operations(connection, kListed); },
        [this, reply](const Result<std::vector<store::OperationRow>>& rows) {
            if (!rows) {
                return reply.fail(rows.error());
            }
            json::Writer out;
            out.begin_array();
            for (const store::OperationRow& row : *rows) {
                out.raw(to_json(row));
            }
            reply.send(http::json_response(200, out.end_array().release()));
        });
}

void Operations::get(const http::Request& request, const http::Reply& reply) {
    database_.run<store::OperationRow>(
        [id = request.slots.at("operation")](store::Connection& connection) {
            return store::get_operation(connection, id);
        },
        [this, reply](const Result<store::OperationRow>& row) {
            if (!row) {
                return reply.fail(row.error());
            }
            reply.send(http::json_response(200, to_json(*row)));
        });
}

void Operations::add(store::OperationRow row, std::function<Result<void>(store::Connection&)> check,
                     const http::Reply& reply) {
    if (jobs_.size() >= kMostOpen) {
        return reply.fail({Code::unavailable, "100 jobs wait already: try again when some have ended"});
    }
    database_.run<void>(
        [row, check = std::move(check)](store::Connection& connection) {
            // First written down, which keeps the recordings from removal, then looked at.
            return store::put_operation(connection, row).and_then([&] {
                auto good = check(connection);
                if (!good) {
                    (void)store::remove_operation(connection, row.id);
                }
                return good;
            });
        },
        [this, row, reply](const Result<void>& written) {
            if (!written) {
                return reply.fail(written.error());
            }
            take({row});
            reply.send(http::json_response(202, to_json(row)));
            start_next();
        });
}

/// Of a job that has not ended: it stays, as cancelled. Of another one: all goes.
void Operations::remove(const http::Request& request, const http::Reply& reply) {
    const std::string& id = request.slots.at("operation");
    if (const auto found = jobs_.find(id); found != jobs_.end()) {
        Job& job = found->second;
        job.cancelled = true;
        if (job.run) {
            job.run->end(); // ran() follows
        } else if (!job.begun) {
            end(id, "cancelled", "by " + request.caller->user);
        }
        return reply.send({.status = 204, .content_type = "", .body = ""});
    }
    database_.run<void>(
        [id, kinds = kinds_](store::Connection& connection) {
            return store::get_operation(connection, id).and_then([&](const store::OperationRow& row) {
                if (const auto kind = kinds.find(row.kind); kind != kinds.end()) {
                    kind->second.clear(id);
                }
                return store::remove_operation(connection, id);
            });
        },
        [reply](const Result<void>& done) {
            if (!done) {
                return reply.fail(done.error());
            }
            reply.send({.status = 204, .content_type = "", .body = ""});
        });
}

// --- Jobs ---

void Operations::refresh() {
    for (const auto& [id, row] : std::exchange(unwritten_, {})) {
        write(row);
    }
    database_.run<std::vector<store::OperationRow>>(
        [](store::Connection& connection) { return store::open_operations(connection); },
        [this](const Result<std::vector<store::OperationRow>>& rows) {
            if (rows) {
                take(*rows);
                start_next();
            }
        });
    remove_old();
}

/// Those that are known already stay as they are.
void Operations::take(std::vector<store::OperationRow> rows) {
    for (store::OperationRow& row : rows) {
        const std::string id = row.id;
        if (kinds_.contains(row.kind) && !jobs_.contains(id)) {
            jobs_[id].row = std::move(row);
            waiting_.push_back(id);
        }
    }
}

void Operations::start_next() {
    while (busy_ < settings_.at_once && !waiting_.empty()) {
        const std::string id = std::move(waiting_.front());
        waiting_.pop_front();
        Job& job = jobs_.at(id);
        job.begun = true;
        ++busy_;
        database_.run<std::vector<std::string>>(
            [row = job.row, prepare = kinds_.at(job.row.kind).prepare](store::Connection& connection) {
                return prepare(connection, row);
            },
            [this, id](const Result<std::vector<std::string>>& arguments) {
                if (!arguments) {
                    return ran(id, tl::unexpected(arguments.error()));
                }
                start(id, *arguments);
            });
    }
}

void Operations::start(const std::string& id, const std::vector<std::string>& arguments) {
    Job& job = jobs_.at(id);
    if (job.cancelled) {
        return ran(id, fail(Code::unavailable, ""));
    }
    auto run =
        RecordingRun::start(settings_.tool, arguments,
                            {.progress =
                                 [this, id](double progress, const std::string& detail) {
                                     Job& told = jobs_.at(id);
                                     told.progress = progress;
                                     told.detail = detail;
                                 },
                             .ended = [this, id](const Result<json::Value>& outcome) { ran(id, outcome); }});
    if (!run) {
        return ran(id, tl::unexpected(run.error()));
    }
    job.run = *std::move(run);
}

void Operations::ran(const std::string& id, const Result<json::Value>& outcome) {
    Job& job = jobs_.at(id);
    if (job.cancelled) {
        return end(id, "cancelled", "while it ran");
    }
    if (!outcome) {
        return end(id, "failed", outcome.error().message);
    }
    auto row = std::make_shared<store::OperationRow>(job.row);
    auto kept = std::make_shared<Result<void>>();
    const bool posted =
        database_.post([row, kept, keep = kinds_.at(row->kind).keep,
                        outcome = *outcome](store::Connection*) { *kept = keep(*row, outcome); },
                       [this, id, row, kept] {
                           jobs_.at(id).row = *row;
                           end(id, *kept ? "done" : "failed", *kept ? row->detail : kept->error().message);
                       });
    if (!posted) {
        end(id, "failed", "the server has too much to do");
    }
}

void Operations::end(const std::string& id, const char* state, const std::string& detail) {
    auto job = jobs_.extract(id);
    store::OperationRow& row = job.mapped().row;
    row.state = state;
    row.detail = detail;
    row.ended = utc_now();
    std::erase(waiting_, id);
    busy_ -= job.mapped().begun ? 1 : 0;
    if (row.state != "done") {
        database_.post([id, clear = kinds_.at(row.kind).clear](store::Connection*) { clear(id); }, [] {});
    }
    write(row);
    tell(row);
    start_next();
}

void Operations::write(const store::OperationRow& row) {
    database_.run<void>(
        [row](store::Connection& connection) { return store::put_operation(connection, row); },
        [this, row](const Result<void>& written) {
            if (!written && written.error().code == Code::unavailable) {
                unwritten_[row.id] = row;
            } else if (!written) {
                log(LogLevel::error, "the end of a job could not be written down",
                    {{"operation", row.id}, {"why", written.error().message}});
            }
        });
}

void Operations::tell(const store::OperationRow& row) {
    if (row.state == "cancelled") {
        return;
    }
    const bool good = row.state == "done";
    events_.post({.id = "",
                  .time = {},
                  .level = good ? "info" : "caution",
                  .subject = row.kind + "/" + row.id,
                  .user = row.user,
                  .message = title_of(row) + (good ? " is done" : " failed: " + row.detail)});
}

void Operations::remove_old() {
    database_.run<void>(
        [kinds = kinds_,
         before = utc_now() - kDay * settings_.keep_days](store::Connection& connection) -> Result<void> {
            const auto rows = store::operations_ended_before(connection, before);
            if (!rows) {
                return tl::unexpected(rows.error());
            }
            for (const store::OperationRow& row : *rows) {
                if (const auto kind = kinds.find(row.kind); kind != kinds.end()) {
                    kind->second.clear(row.id);
                }
                if (auto removed = store::remove_operation(connection, row.id); !removed) {
                    return removed;
                }
            }
            return {};
        },
        [](const Result<void>& done) {
            if (!done && done.error().code != Code::unavailable) {
                log(LogLevel::error, "old jobs could not be removed", {{"why", done.error().message}});
            }
        });
}

} // namespace masthead::api
