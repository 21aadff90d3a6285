// Camera's viewers, and who sends it the video: from their first message to their last state.
#include "plugins/bytes/join.hpp"
#include "server/worker/camera.hpp"

#include <algorithm>

namespace masthead::worker {

using control::CameraPhase;
using control::CameraState;
using control::ViewerPhase;
using control::ViewerState;

namespace {

/// The next viewer may come soon, or be the same again.
constexpr std::chrono::seconds kRestAfter{10};

} // namespace

/// As people name them.
std::vector<std::string> Camera::rendition_names() const {
    std::vector<std::string> names;
    for (const std::string& name : settings_.recipe.webrtc) {
        names.push_back(name.empty() ? std::string(kSource) : name);
    }
    return names;
}

int Camera::connected_viewers() const {
    return static_cast<int>(std::ranges::count_if(sessions_, [](const auto& entry) {
        return entry.second.phase == ViewerPhase::connected && !entry.second.publishes;
    }));
}

/// The one to be had unless another is named. Error: not_found.
Result<std::string> Camera::rendition_for(const control::ViewerAdd& add) const {
    const auto& had = settings_.recipe.webrtc;
    if (!add.rendition || had.empty()) {
        return had.empty() ? "" : had.front();
    }
    const std::string wanted = *add.rendition == kSource ? "" : *add.rendition;
    if (std::ranges::find(had, wanted) == had.end()) {
        return masthead::fail(Code::not_found, "there is no rendition '" + *add.rendition +
                                                   "'; there are: " + join(rendition_names()));
    }
    return wanted;
}

Result<void> Camera::add_session(const control::ViewerAdd& add) {
    const auto rendition = rendition_for(add);
    if (!rendition) {
        return tl::unexpected(rendition.error());
    }
    const auto [session, added] = sessions_.try_emplace(add.session);
    if (!added) {
        return masthead::fail(Code::already_exists, "there is a session of that name");
    }
    session->second.offer = add.offer;
    session->second.publishes = add.publishes.value_or(false);
    session->second.rendition = *rendition;
    if (status_.state != CameraPhase::playing && !session->second.publishes) {
        say_(ViewerState{add.session, ViewerPhase::connecting,
                         "no video yet" + (status_.detail.empty() ? "" : ": " + status_.detail)});
    }
    if (started_) {
        admit(add.session);
    }
    return {};
}

GstElement* Camera::element_of(const Session& session) const {
    if (!pipeline_ || session.publishes) {
        return pipeline_ ? pipeline_->source.get() : nullptr;
    }
    const auto found = pipeline_->viewers.find(session.rendition);
    return found == pipeline_->viewers.end() ? nullptr : found->second.get();
}

void Camera::admit(const std::string& name) {
    const auto found = sessions_.find(name);
    if (found == sessions_.end()) {
        return;
    }
    Session& session = found->second;
    GstElement* const element = element_of(session);
    if (!element) {
        end_session(name, ViewerPhase::failed, "the camera's pipeline file has no webrtc output");
        return;
    }
    wake_rendition(session.rendition);
    session.admitted = true; // its answer may come before the signal returns
    if (!session.offer) {
        gboolean taken =
            FALSE; // a refusal comes with a state of its own, which says why and ends the session
        g_signal_emit_by_name(element, "add-viewer", name.c_str(), &taken);
        return;
    }
    gchar* refused = nullptr;
    g_signal_emit_by_name(element, session.publishes ? "add-publisher" : "add-viewer-with-offer",
                          name.c_str(), session.offer->c_str(), &refused);
    if (const std::string why = take_string(refused); !why.empty()) {
        end_session(name, ViewerPhase::failed, why);
    }
}

Result<void> Camera::ask_element(const char* what, const std::string& session,
                                 const std::function<gchar*(GstElement*)>& ask) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end() || !found->second.admitted || !pipeline_) {
        return masthead::fail(Code::not_found, std::string(what) + " for a session that is not there");
    }
    const std::string refused = take_string(ask(element_of(found->second)));
    if (!refused.empty()) {
        return masthead::fail(Code::invalid_argument, refused);
    }
    return {};
}

Result<void> Camera::set_answer(const std::string& session, const std::string& sdp) {
    return ask_element("an answer", session, [&](GstElement* sink) {
        gchar* refused = nullptr;
        g_signal_emit_by_name(sink, "set-answer", session.c_str(), sdp.c_str(), &refused);
        return refused;
    });
}

Result<void> Camera::add_candidate(const control::ViewerCandidate& candidate) {
    return ask_element("a candidate", candidate.session, [&](GstElement* sink) {
        gchar* refused = nullptr;
        g_signal_emit_by_name(sink, "add-candidate", candidate.session.c_str(),
                              static_cast<guint>(candidate.mline), candidate.candidate.c_str(), &refused);
        return refused;
    });
}

void Camera::remove_session(const std::string& name) {
    const auto node = sessions_.extract(name);
    if (node && node.mapped().admitted && pipeline_) {
        const Session& session = node.mapped();
        g_signal_emit_by_name(element_of(session), session.publishes ? "remove-publisher" : "remove-viewer",
                              name.c_str());
    }
    rest_later();
    say_status(status_with_viewers());
}

void Camera::take_session_state(const std::string& session, const std::string& state,
                                const std::string& detail) {
    const auto viewer = sessions_.find(session);
    const auto phase = control::phase_named(
        state, {ViewerPhase::connecting, ViewerPhase::connected, ViewerPhase::failed, ViewerPhase::closed});
    if (viewer == sessions_.end() || !phase) {
        return;
    }
    if (*phase == ViewerPhase::failed || *phase == ViewerPhase::closed) {
        end_session(session, *phase, detail);
    } else {
        viewer->second.phase = *phase;
        say_(ViewerState{session, *phase, detail});
    }
    say_status(status_with_viewers());
}

void Camera::end_session(const std::string& session, ViewerPhase phase, const std::string& detail) {
    if (sessions_.erase(session) > 0) {
        rest_later();
        say_(ViewerState{session, phase, detail});
    }
}

void Camera::wake_rendition(const std::string& rendition) {
    if (const auto gate = pipeline_->gates.find(rendition); gate != pipeline_->gates.end()) {
        gate->second->open();
    }
}

void Camera::rest_later() { rest_timer_.arm(kRestAfter); }

void Camera::rest_renditions() {
    if (!pipeline_) {
        return;
    }
    for (const auto& [rendition, gate] : pipeline_->gates) {
        const bool is_watched = std::ranges::any_of(sessions_, [&](const auto& entry) {
            return !entry.second.publishes && entry.second.rendition == rendition;
        });
        if (!is_watched) {
            gate->close();
        }
    }
}

void Camera::end_sessions(const std::string& detail) {
    for (const auto& [session, viewer] : std::map(sessions_)) {
        if (viewer.admitted) {
            end_session(session, ViewerPhase::failed, detail);
        }
    }
}

CameraState Camera::status_with_viewers() const {
    CameraState status = status_;
    status.viewers = connected_viewers();
    return status;
}

} // namespace masthead::worker
