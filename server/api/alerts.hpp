// /api/alerts: what the fleet says becomes alerts; those go to the page, the database, the broker, a webhook.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/alerts/watch.hpp"
#include "server/api/alert_rules_file.hpp"
#include "server/api/directory.hpp"
#include "server/api/events.hpp"
#include "server/api/live_state.hpp"
#include "server/broker/publisher.hpp"
#include "server/commands/command.hpp"
#include "server/config/settings.hpp"
#include "server/http/router.hpp"
#include "server/http/webhook.hpp"
#include "server/store/database.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

/// Open alerts outlive the server in the database. While that is down they go on in memory, and what changed
/// is written when it is back. Thread: the default GMainContext's. Borrows what it is made from; `publisher`
/// may be nullptr.
class Alerts {
  public:
    Alerts(store::Database& database, const Directory& directory, Events& events, LiveState& live,
           broker::Publisher* publisher, const AlertSettings& settings);

    [[nodiscard]] std::vector<http::Route> routes();
    /// The database is there (again), vehicles and geofences have been read.
    void refresh();
    void fences_changed(const std::vector<fences::Fence>& fences);
    /// Vehicles or cameras may have gone: their alerts go as well.
    void look_again();

    void arrived(const control::Telemetry& message);
    void arrived(const control::LinkReport& report);
    void arrived(const control::CameraState& state);
    void arrived(const control::RecordingState& state);
    /// A vehicle's worker ended.
    void link_down(const std::string& vehicle, const std::string& detail);
    void camera_down(const std::string& vehicle, const std::string& camera, const std::string& detail);
    void told(const commands::Command& command);
    [[nodiscard]] std::vector<alerts::Alert> open() const { return watch_.open(); }
    /// Messages to the webhook that were lost, since the start.
    [[nodiscard]] std::uint64_t given_up() const noexcept { return webhook_ ? webhook_->given_up() : 0; }
    [[nodiscard]] const ApproachRule& approach_rule(const std::string& vehicle) const {
        return watch_.rules().of(vehicle).approach;
    }
    /// All who come near our vehicles just now, by vehicle; for who works that out, each time anew.
    void approaches(const std::map<std::string, std::vector<alerts::Approach>>& near);

  private:
    void list(const http::Request& request, const http::Reply& reply) const;
    void acknowledge(const http::Request& request, const http::Reply& reply);
    void snooze(const http::Request& request, const http::Reply& reply);
    void answer(const Result<alerts::Alert>& alert, const http::Reply& reply);
    void restore(const std::vector<alerts::Alert>& open);
    [[nodiscard]] bool is_there(const alerts::Key& key) const;
    void tell(const alerts::Watch::Changes& changes);
    void write(const alerts::Alert& alert);
    void plan_tick();
    [[nodiscard]] std::string open_json() const;

    store::Database& database_;
    const Directory& directory_;
    Events& events_;
    LiveState& live_;
    broker::Publisher* publisher_;
    std::unique_ptr<http::Webhook> webhook_;
    alerts::Watch watch_;
    bool restored_ = false;
    std::map<std::string, alerts::Alert> unwritten_; // by id, as they are now
    std::optional<AlertRulesFile> rules_;
    Timer tick_;
};

} // namespace masthead::api
