#include "server/api/viewers.hpp"

#include "plugins/glib/json.hpp"

#include <algorithm>

namespace masthead::api {

namespace {

std::uint64_t growth(std::uint64_t before, std::uint64_t now) { return now > before ? now - before : 0; }

} // namespace

std::string figures_json(const control::ViewerFigures& figures) {
    json::Writer out;
    out.begin_object().member("bitrate_bps", figures.bitrate_bps).member("bytes_sent", figures.bytes_sent);
    out.member("packets_sent", figures.packets_sent).member("packets_resent", figures.packets_resent);
    out.member("packets_lost", figures.packets_lost).member("loss", figures.loss_permille / 1'000.0);
    if (figures.round_trip_us) {
        out.member("round_trip_ms", *figures.round_trip_us / 1'000.0);
    }
    out.member("key_frame_requests", figures.key_frame_requests);
    out.member("resend_requests", figures.resend_requests).member("dropped_frames", figures.dropped_frames);
    out.member("address_kind", figures.address_kind).member("transport", figures.transport);
    const std::string object = out.end_object().release();
    return object.substr(1, object.size() - 2);
}

Result<ViewerSeen> parse_seen(const json::Value& request) {
    constexpr std::int64_t kMost = 1'000'000'000;
    std::optional<Error> wrong;
    const auto count = [&](const char* name) -> std::uint64_t {
        const auto number = request.integer(name);
        if (number && *number >= 0 && *number <= kMost) {
            return static_cast<std::uint64_t>(*number);
        }
        wrong = Error{Code::invalid_argument, std::string("'") + name + "' must be 0 to 1000000000"};
        return 0;
    };
    ViewerSeen seen{.freezes = count("freezes"), .frozen_ms = count("frozen_ms"), .glass_to_glass_ms = {}};
    if (request.find("glass_to_glass_ms")) {
        seen.glass_to_glass_ms = count("glass_to_glass_ms");
    }
    return wrong ? Result<ViewerSeen>(tl::unexpected(*wrong)) : seen;
}

std::vector<http::Route> Viewers::routes() {
    return {{"GET", "/api/viewers", http::Access::admin,
             http::Handler([this](const http::Request&, const http::Reply& reply) {
                 reply.send(http::json_response(200, list()));
             })}};
}

void Viewers::forget_the_gone() {
    std::erase_if(viewers_, [this](const auto& entry) { return !fleet_.has_viewer(entry.first); });
}

void Viewers::joined(const control::ViewerAdd& viewer, const std::string& user, Utc now) {
    forget_the_gone();
    viewers_.insert_or_assign(viewer.session, Viewer{.user = user,
                                                     .vehicle = viewer.vehicle,
                                                     .camera = viewer.camera,
                                                     .offered = viewer.offer.has_value(),
                                                     .since = now,
                                                     .figures = std::nullopt,
                                                     .seen = std::nullopt});
}

void Viewers::figures(const control::ViewerFigures& figures) {
    const auto found = viewers_.find(figures.session);
    if (found == viewers_.end()) {
        return;
    }
    Viewer& viewer = found->second;
    const control::ViewerFigures before = viewer.figures.value_or(control::ViewerFigures{});
    Camera& total = totals_[{viewer.vehicle, viewer.camera}];
    total.packets_sent += growth(before.packets_sent, figures.packets_sent);
    total.packets_lost += growth(before.packets_lost, figures.packets_lost);
    total.dropped_frames += growth(before.dropped_frames, figures.dropped_frames);
    viewer.figures = figures;
}

void Viewers::seen(const std::string& session, const ViewerSeen& seen) {
    const auto found = viewers_.find(session);
    if (found == viewers_.end()) {
        return;
    }
    Viewer& viewer = found->second;
    totals_[{viewer.vehicle, viewer.camera}].freezes +=
        growth(viewer.seen.value_or(ViewerSeen()).freezes, seen.freezes);
    viewer.seen = seen;
}

std::map<std::pair<std::string, std::string>, Viewers::Camera> Viewers::cameras() {
    forget_the_gone();
    auto cameras = totals_;
    for (const auto& [session, viewer] : viewers_) {
        if (viewer.figures) {
            Camera& camera = cameras[{viewer.vehicle, viewer.camera}];
            ++camera.viewers;
            camera.bitrate_bps += viewer.figures->bitrate_bps;
            camera.worst_loss_permille = std::max(camera.worst_loss_permille, viewer.figures->loss_permille);
            camera.worst_round_trip_us =
                std::max(camera.worst_round_trip_us, viewer.figures->round_trip_us.value_or(0));
        }
        if (viewer.seen) {
            Camera& camera = cameras[{viewer.vehicle, viewer.camera}];
            camera.worst_glass_to_glass_ms =
                std::max(camera.worst_glass_to_glass_ms, viewer.seen->glass_to_glass_ms.value_or(0));
        }
    }
    return cameras;
}

std::string Viewers::list() {
    forget_the_gone();
    json::Writer out;
    out.begin_array();
    for (const auto& [session, viewer] : viewers_) {
        out.begin_object().member("user", viewer.user).member("vehicle", viewer.vehicle);
        out.member("camera", viewer.camera).member("by", viewer.offered ? "whep" : "page");
        out.member("since", viewer.since.us);
        if (viewer.figures) {
            out.key("figures").raw("{" + figures_json(*viewer.figures) + "}");
        }
        if (viewer.seen) {
            out.key("seen").begin_object().member("freezes", viewer.seen->freezes);
            out.member("frozen_ms", viewer.seen->frozen_ms);
            out.member("glass_to_glass_ms", viewer.seen->glass_to_glass_ms).end_object();
        }
        out.end_object();
    }
    return out.end_array().release();
}

} // namespace masthead::api
