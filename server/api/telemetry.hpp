// /api/telemetry and the history: live updates to browsers every 100 ms, to the broker, and telemetry into
// the database.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/api/live_state.hpp"
#include "server/broker/publisher.hpp"
#include "server/http/router.hpp"
#include "server/http/websocket.hpp"
#include "server/store/database.hpp"
#include "server/store/telemetry_writer.hpp"

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows everything it is made from; `publisher` may be nullptr.
class Telemetry {
  public:
    Telemetry(LiveState& live, const Directory& directory, store::Database& database,
              store::TelemetryWriter& writer, broker::Publisher* publisher);
    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    [[nodiscard]] std::vector<http::Route> routes();
    void arrived(const control::Telemetry& message);
    void arrived(const control::Traffic& message);

  private:
    struct Client {
        std::shared_ptr<http::WebSocket> socket;
        LiveScope scope;
        std::int64_t least_us = 0; // between two updates
        std::uint64_t has = 0;     // LiveState's version
        std::int64_t sent_us = 0;  // monotonic
    };
    void history(control::VehicleKind kind, const http::Request& request, const http::Reply& reply);
    void opened(const http::Request& request, std::shared_ptr<http::WebSocket> socket);
    [[nodiscard]] bool due(const Client& client, std::int64_t now_us) const;
    void tick();
    void send_updates(Utc now);
    void publish();

    LiveState& live_;
    const Directory& directory_;
    store::Database& database_;
    store::TelemetryWriter& writer_;
    broker::Publisher* publisher_;
    std::list<Client> clients_;
    std::map<std::string, Utc> camera_stored_; // by vehicle/camera: when a row was last kept
    std::uint64_t published_ = 0;
    unsigned ticks_ = 0;
    Timer timer_;
};

} // namespace masthead::api
