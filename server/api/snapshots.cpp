#include "server/api/snapshots.hpp"

#include "server/api/queries.hpp"
#include "server/api/recording_tool.hpp"
#include "server/control/protocol.hpp"

namespace masthead::api {
namespace {

constexpr int kAtOnce = 2;
constexpr std::size_t kMostWaiting = 20;

} // namespace

Snapshots::Snapshots(std::filesystem::path recordings, std::filesystem::path tool)
    : recordings_(std::move(recordings)), tool_(std::move(tool)),
      cancellable_(Ref<GCancellable>::adopt(g_cancellable_new())) {}

Snapshots::~Snapshots() { g_cancellable_cancel(cancellable_.get()); }

std::vector<http::Route> Snapshots::routes() {
    const auto to = [this](bool picture) {
        return http::Handler([this, picture](const http::Request& request, const http::Reply& reply) {
            take(request, reply, picture);
        });
    };
    return {{"GET", "/api/recordings/{id}/{camera}/snapshot.png", http::Access::viewer, to(true)},
            {"GET", "/api/recordings/{id}/{camera}/snapshot.json", http::Access::viewer, to(false)}};
}

void Snapshots::take(const http::Request& request, const http::Reply& reply, bool picture) {
    const auto at = query_integer(request, "at");
    const std::string& vehicle = request.slots.at("id");
    const std::string& camera = request.slots.at("camera");
    if (!at || !time_range(*at, *at + 1)) {
        return reply.fail(at ? Error{Code::invalid_argument, "'at' must be microseconds UTC"} : at.error());
    }
    if (!control::is_id(vehicle) || !control::is_id(camera)) {
        return reply.fail({Code::not_found, "nothing was recorded by this camera at this time"});
    }
    if (waiting_.size() >= kMostWaiting) {
        return reply.fail({Code::unavailable, "too many pictures are wanted at once; try again"});
    }
    std::vector<std::string> arguments{"snapshot", recordings_ / vehicle / camera, "--at",
                                       std::to_string(*at)};
    if (picture) {
        arguments.insert(arguments.end(), {"--out", "-"});
    }
    waiting_.emplace_back([this, arguments, reply, picture] {
        ask_recording_tool(tool_, arguments, cancellable_,
                           [this, reply, picture](const Result<std::string>& answer) {
                               --running_;
                               next();
                               if (!answer) {
                                   return reply.fail(answer.error());
                               }
                               http::Response response;
                               response.content_type = picture ? "image/png" : "application/json";
                               response.body = *answer;
                               reply.send(std::move(response));
                           });
    });
    next();
}

void Snapshots::next() {
    while (running_ < kAtOnce && !waiting_.empty()) {
        const auto ask = std::move(waiting_.front());
        waiting_.pop_front();
        ++running_;
        ask();
    }
}

} // namespace masthead::api
