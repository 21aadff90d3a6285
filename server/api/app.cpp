// Wires the rooms together, and answers /healthz.
#include "server/api/app.hpp"

#include "plugins/glib/log.hpp"
#include "server/api/accounts.hpp"
#include "server/api/alerts.hpp"
#include "server/api/audit.hpp"
#include "server/api/authority.hpp"
#include "server/api/bookmarks.hpp"
#include "server/api/control.hpp"
#include "server/api/directory.hpp"
#include "server/api/disk.hpp"
#include "server/api/events.hpp"
#include "server/api/exports.hpp"
#include "server/api/fragments.hpp"
#include "server/api/geofences.hpp"
#include "server/api/http_signaling.hpp"
#include "server/api/imports.hpp"
#include "server/api/inspection.hpp"
#include "server/api/metrics.hpp"
#include "server/api/missions.hpp"
#include "server/api/operations.hpp"
#include "server/api/pipelines.hpp"
#include "server/api/recordings.hpp"
#include "server/api/sightings.hpp"
#include "server/api/signaling.hpp"
#include "server/api/snapshots.hpp"
#include "server/api/telemetry.hpp"
#include "server/api/traffic.hpp"
#include "server/api/vehicle_news.hpp"
#include "server/api/viewers.hpp"
#include "server/http/server.hpp"
#include "version.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace masthead::api {
namespace {

Result<void> make_private_directory(const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory.parent_path(), error);
    if (mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return fail(Code::invalid_argument,
                    "the directory " + directory.string() + ": " + std::strerror(errno));
    }
    return {};
}

} // namespace

/// Members in the order of who leans on whom: each may borrow those above it, and goes before them.
struct App::State {
    Settings settings;
    bool database_up = false;
    bool broker_up = false;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::Database> recordings_database; // of its own: its thread reads the disk
    std::unique_ptr<store::Database> search_database;     // of its own: a search takes its time
    std::unique_ptr<store::TelemetryWriter> telemetry_writer;
    std::unique_ptr<store::CommandLog> command_log;
    std::unique_ptr<store::AuditLog> audit_log;
    std::unique_ptr<broker::Publisher> publisher;
    LiveState live;
    std::unique_ptr<control::Fleet> fleet;
    std::unique_ptr<Accounts> accounts;
    std::unique_ptr<Events> events;
    VehicleNews news;
    std::unique_ptr<Recordings> recordings;
    std::unique_ptr<Fragments> fragments;
    std::unique_ptr<Sightings> sightings;
    std::unique_ptr<DiskWatch> disk;
    std::unique_ptr<Bookmarks> bookmarks;
    std::unique_ptr<Operations> operations;
    std::unique_ptr<Exports> exports;
    std::unique_ptr<Imports> imports;
    std::unique_ptr<Snapshots> snapshots;
    std::unique_ptr<PipelineShelf> shelf;
    std::unique_ptr<Directory> directory;
    std::unique_ptr<Alerts> alerts;
    std::unique_ptr<Geofences> geofences;
    std::unique_ptr<Pipelines> pipelines;
    std::unique_ptr<Inspection> inspection;
    std::unique_ptr<Telemetry> telemetry;
    std::unique_ptr<Traffic> traffic;
    std::unique_ptr<Audit> audit;
    std::unique_ptr<Authority> authority;
    std::unique_ptr<Missions> missions;
    std::unique_ptr<Control> control;
    std::unique_ptr<Viewers> viewers;
    std::unique_ptr<Metrics> metrics;
    std::unique_ptr<Signaling> signaling;
    std::unique_ptr<HttpSignaling> http_signaling;
    std::unique_ptr<http::Server> server;

    Result<void> open_services();
    void make_resources();
    Result<void> listen();
    control::FleetEvents fleet_events();
    void database_changed(bool up);
    void worker_changed(const control::WorkerState& worker);
    void health(const http::Reply& reply) const;
};

Result<void> App::State::open_services() {
    for (const auto& directory : {settings.data, settings.recordings}) {
        if (auto made = make_private_directory(directory); !made) {
            return made;
        }
    }
    auto writer = store::TelemetryWriter::open(
        {.conninfo = settings.database,
         .spool_file = settings.data / "telemetry.spool",
         .max_spool_bytes = static_cast<std::uint64_t>(settings.telemetry_spool_mib) << 20});
    if (!writer) {
        return tl::unexpected(writer.error());
    }
    telemetry_writer = std::move(*writer);
    auto commands = store::CommandLog::open(settings.database, settings.data / "commands.spool");
    if (!commands) {
        return tl::unexpected(commands.error());
    }
    command_log = std::move(*commands);
    auto audit_files = store::AuditLog::open(settings.database, settings.data / "audit.spool",
                                             settings.data / store::kAuditHeads);
    if (!audit_files) {
        return tl::unexpected(audit_files.error());
    }
    audit_log = std::move(*audit_files);
    database = std::make_unique<store::Database>(store::DatabaseSettings{
        .conninfo = settings.database,
        .name = "masthead server",
        .on_connect = make_first_admin,
        .on_state = [this](bool up, const std::string&) { database_changed(up); },
    });
    recordings_database = std::make_unique<store::Database>(store::DatabaseSettings{
        .conninfo = settings.database,
        .name = "masthead recordings",
        .on_connect = {},
        .on_state =
            [this](bool up, const std::string&) {
                if (up) {
                    recordings->refresh();
                    operations->refresh();
                }
            },
    });
    search_database = std::make_unique<store::Database>(store::DatabaseSettings{
        .conninfo = settings.database,
        .name = "masthead search",
        .on_connect = {},
        .on_state = {},
    });
    if (settings.broker) {
        publisher = std::make_unique<broker::Publisher>(broker::PublisherSettings{
            .uri = settings.broker->uri,
            .user = settings.broker->user,
            .password_file = settings.broker->password_file,
            .ca_file = settings.broker->ca_file,
            .on_state = [this](bool up, const std::string&) { broker_up = up; },
        });
    }
    return {};
}

void App::State::make_resources() {
    fleet = std::make_unique<control::Fleet>(control::FleetSettings{.program = settings.worker,
                                                                    .ice_addresses = settings.ice_addresses,
                                                                    .ice_ports = settings.ice_ports,
                                                                    .ice_tcp = settings.ice_tcp,
                                                                    .recordings = settings.recordings},
                                             fleet_events());
    accounts =
        std::make_unique<Accounts>(*database, settings.tls.has_value(), [this](const std::string& session) {
            if (server) {
                server->close_sockets_of(session, "signed out");
            }
            if (http_signaling) {
                http_signaling->end_sessions_of(session);
            }
            if (authority) {
                authority->ended(session);
            }
        });
    events = std::make_unique<Events>(*database, live);
    recordings = std::make_unique<Recordings>(
        settings.recordings, *recordings_database, [this](const archive::CameraKey& camera) {
            return directory ? directory->hls_window_s(camera) : std::nullopt;
        });
    fragments = std::make_unique<Fragments>(settings.recordings, *recordings_database);
    sightings = std::make_unique<Sightings>(*search_database);
    bookmarks = std::make_unique<Bookmarks>(*database);
    operations = std::make_unique<Operations>(*recordings_database, *events,
                                              OperationSettings{.tool = settings.recording_tool});
    exports = std::make_unique<Exports>(*operations,
                                        ExportSettings{.recordings = settings.recordings,
                                                       .keep_free_percent = settings.keep_free_percent,
                                                       .max_gigabytes = settings.max_export_gigabytes});
    imports = std::make_unique<Imports>(*operations,
                                        ImportSettings{.recordings = settings.recordings,
                                                       .keep_free_percent = settings.keep_free_percent,
                                                       .max_gigabytes = settings.max_import_gigabytes},
                                        [this](const std::string& file) { recordings->look_at(file); });
    snapshots = std::make_unique<Snapshots>(settings.recordings, settings.recording_tool);
    disk = std::make_unique<DiskWatch>(
        *recordings_database, *events,
        DiskSettings{.recordings = settings.recordings,
                     .keep_free_percent = settings.keep_free_percent,
                     .rules = [this] {
                         return directory ? directory->keep_rules()
                                          : std::map<archive::CameraKey, archive::KeepRule>();
                     }});
    const auto uses = [this](const std::string& name) {
        return directory ? directory->uses_of(name) : std::vector<CameraUse>();
    };
    shelf = std::make_unique<PipelineShelf>(*database, *events,
                                            ShelfSettings{
                                                .folder = settings.pipelines,
                                                .tool = settings.pipeline_tool,
                                                .rules = settings.web_edits,
                                                .uses = uses,
                                                .changed =
                                                    [this] {
                                                        if (directory) {
                                                            directory->pipelines_changed();
                                                        }
                                                    },
                                            });
    directory = std::make_unique<Directory>(*database, live, *fleet, *shelf, [this](const std::string& id) {
        if (publisher) {
            publisher->forget(id);
        }
        if (alerts) {
            alerts->look_again();
        }
    });
    alerts = std::make_unique<Alerts>(*database, *directory, *events, live, publisher.get(), settings.alerts);
    geofences = std::make_unique<Geofences>(*database, *directory, *events,
                                            [this](const auto& fences) { alerts->fences_changed(fences); });
    pipelines = std::make_unique<Pipelines>(*shelf, *database, uses);
    inspection = std::make_unique<Inspection>(*directory, *shelf, *fleet);
    telemetry = std::make_unique<Telemetry>(live, *directory, *database, *telemetry_writer, publisher.get());
    traffic = std::make_unique<Traffic>(live, *directory, *alerts);
    audit = std::make_unique<Audit>(*audit_log);
    authority = std::make_unique<Authority>(*directory, [this](const std::string& lease) {
        if (control) {
            control->broadcast(lease);
        }
    });
    missions = std::make_unique<Missions>(*database, *directory);
    control = std::make_unique<Control>(
        *directory, *geofences, *fleet, *command_log, *authority, *missions,
        ControlEvents{.told =
                          [this](const commands::Command& command) {
                              events->note(news_of(command));
                              audit->command(command);
                              alerts->told(command);
                          },
                      .asked = [this](const http::Caller& caller, const std::string& text,
                                      const std::string& error) { audit->message(caller, text, error); }});
    viewers = std::make_unique<Viewers>(*fleet);
    metrics = std::make_unique<Metrics>(*directory, *fleet, *viewers, *alerts);
    signaling = std::make_unique<Signaling>(*fleet, *viewers, settings.ice_servers);
    http_signaling = std::make_unique<HttpSignaling>(*directory, *fleet, *viewers);
}

control::FleetEvents App::State::fleet_events() {
    return {
        .telemetry =
            [this](const auto& message) {
                telemetry->arrived(message);
                control->arrived(message);
                alerts->arrived(message);
                for (const store::EventRow& event : news.of(message, utc_now())) {
                    events->note(event);
                }
            },
        .traffic = [this](const auto& message) { telemetry->arrived(message); },
        .camera_state =
            [this](const auto& state) {
                live.camera_state(state);
                metrics->camera_state(state);
                alerts->arrived(state);
            },
        .camera_figures = [this](const auto& figures) { metrics->camera_figures(figures); },
        .recording_state =
            [this](const auto& state) {
                recordings->arrived(state);
                disk->arrived(state);
                alerts->arrived(state);
            },
        .link_state =
            [this](const auto& report) {
                live.link_state(report);
                alerts->arrived(report);
                if (const auto event = news.of(report)) {
                    events->note(*event);
                }
            },
        .viewer_offer = [this](const auto& offer) { signaling->offer(offer); },
        .viewer_answer = [this](const auto& answer) { http_signaling->answer(answer); },
        .viewer_candidate = [this](const auto& candidate) { signaling->candidate(candidate); },
        .viewer_state =
            [this](const auto& state) {
                signaling->state(state);
                http_signaling->state(state);
            },
        .viewer_figures =
            [this](const auto& figures) {
                viewers->figures(figures);
                signaling->figures(figures);
            },
        .command_update = [this](const auto& progress) { control->progress(progress); },
        .mission_held = [this](const auto& held) { missions->arrived(held); },
        .mission_progress =
            [this](const auto& progress) {
                live.mission_progress(progress);
                if (const auto event = news.of(progress, utc_now())) {
                    events->note(*event);
                }
            },
        .graph = [this](const auto& graph) { inspection->arrived(graph); },
        .worker_state = [this](const auto& worker) { worker_changed(worker); },
        .retired =
            [this](const auto& vehicles) {
                for (const std::string& vehicle : vehicles) {
                    recordings->retired(vehicle);
                }
                alerts->look_again();
            },
    };
}

Result<void> App::State::listen() {
    std::vector<http::Route> routes;
    for (auto& part :
         {alerts->routes(),    geofences->routes(),  accounts->routes(),  audit->routes(),
          events->routes(),    directory->routes(),  pipelines->routes(), inspection->routes(),
          telemetry->routes(), authority->routes(),  control->routes(),   viewers->routes(),
          metrics->routes(),   recordings->routes(), fragments->routes(), sightings->routes(),
          bookmarks->routes(), operations->routes(), exports->routes(),   imports->routes(),
          snapshots->routes(), disk->routes(),       signaling->routes(), http_signaling->routes(),
          missions->routes(),  traffic->routes()}) {
        routes.insert(routes.end(), part.begin(), part.end());
    }
    routes.push_back({"GET", "/healthz", http::Access::everyone,
                      [this](const http::Request&, const http::Reply& reply) { health(reply); }});
    auto listening = http::Server::create(
        {
            .host = settings.listen.host,
            .port = settings.listen.port,
            .certificate = settings.tls ? settings.tls->certificate : std::filesystem::path(),
            .key = settings.tls ? settings.tls->key : std::filesystem::path(),
            .web = settings.web,
            .origins = settings.origins,
        },
        std::move(routes), [this](const http::Request& request) { return accounts->caller(request); },
        [this](const http::Request& request, int status) { audit->request(request, status); });
    if (!listening) {
        return tl::unexpected(listening.error());
    }
    server = std::move(*listening);
    return {};
}

void App::State::database_changed(bool up) {
    database_up = up;
    if (up) {
        accounts->refresh();
        shelf->refresh();
        events->refresh();
        directory->refresh();
        geofences->refresh([this] { alerts->refresh(); });
    }
}

void App::State::worker_changed(const control::WorkerState& worker) {
    if (worker.up) {
        return;
    }
    control->worker_ended(worker.vehicles);
    for (const std::string& id : worker.vehicles) {
        const Vehicle* vehicle = directory->find(id);
        if (!vehicle) {
            continue;
        }
        for (const std::string& camera : camera_names(*vehicle)) {
            const auto refusal = directory->refusal(id, camera);
            metrics->camera_down(id, camera);
            live.camera_down(id, camera, refusal ? "refused" : "down", refusal.value_or(worker.detail));
            alerts->camera_down(id, camera, refusal.value_or(worker.detail));
        }
        if (vehicle->link) {
            live.link_down(id, "down", worker.detail);
            alerts->link_down(id, worker.detail);
        }
    }
}

void App::State::health(const http::Reply& reply) const {
    std::size_t running = 0;
    const auto workers = fleet->workers();
    for (const auto& worker : workers) {
        running += worker.up ? 1 : 0;
    }
    bool all_up = true;
    json::Writer out;
    out.begin_object().key("services").begin_object();
    const auto service = [&](const char* name, bool up, const std::string& detail) {
        all_up = all_up && up;
        out.key(name).begin_object().member("up", up);
        if (!detail.empty()) {
            out.member("detail", detail);
        }
        out.end_object();
    };
    // Anyone may read this: what exactly is wrong with a service stands in the log.
    service("database", database_up, database_up ? "" : "cannot be reached; trying again");
    if (publisher) {
        service("broker", broker_up, broker_up ? "" : "cannot be reached; trying again");
    }
    service("workers", running == workers.size(),
            std::to_string(running) + " of " + std::to_string(workers.size()) + " are running");
    out.end_object()
        .member("status", all_up ? "ok" : "degraded")
        .member("version", MASTHEAD_VERSION)
        .end_object();
    reply.send(http::json_response(all_up ? 200 : 503, out.release()));
}

Result<std::unique_ptr<App>> App::create(const Settings& settings) {
    auto state = std::make_unique<State>();
    state->settings = settings;
    if (auto opened = state->open_services(); !opened) {
        return tl::unexpected(opened.error());
    }
    state->make_resources();
    if (auto listening = state->listen(); !listening) {
        return tl::unexpected(listening.error());
    }
    return std::unique_ptr<App>(new App(std::move(state)));
}

App::App(std::unique_ptr<State> state) : state_(std::move(state)) {}

App::~App() = default;

std::string App::address() const { return state_->server->address(); }

std::string App::route_list() const {
    constexpr const char* kAccess[] = {"everyone", "viewer", "operator", "supervisor", "admin"};
    std::string list;
    for (const http::Route& route : state_->server->routes()) {
        list +=
            route.method + " " + route.pattern + " " + kAccess[static_cast<std::size_t>(route.access)] + "\n";
    }
    return list;
}

void App::stop(std::function<void()> done) { state_->fleet->stop(std::move(done)); }

} // namespace masthead::api
