// masthead-server: reads its settings, serves until it is told to end. Exit codes: 0, 1 run-time, 2 usage or
// settings.
#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"
#include "server/api/app.hpp"
#include "server/audit_program.hpp"
#include "server/config/settings.hpp"
#include "server/users.hpp"
#include "version.hpp"

#include <glib-unix.h>

#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using namespace masthead;

constexpr const char* kUsage =
    "masthead-server --config FILE                     serve\n"
    "masthead-server --config FILE user list           names and roles\n"
    "masthead-server --config FILE user add NAME ROLE  password from standard "
    "input; viewer, operator, supervisor or admin\n"
    "masthead-server --config FILE user passwd NAME    password from standard "
    "input; ends the user's sessions\n"
    "masthead-server --config FILE audit verify        whether the audit is as it was written\n"
    "masthead-server --config FILE audit export        all of it as JSON lines\n"
    "masthead-server --config FILE routes              what is served, and to whom\n"
    "masthead-server --version | --help\n"
    "\n"
    "FILE is YAML; deploy/masthead.example.yaml explains it. Exit codes: 0, 1 "
    "run-time failure, 2 usage or settings.\n";

struct Loop {
    Owned<GMainLoop> loop{g_main_loop_new(nullptr, FALSE)};
    std::unique_ptr<api::App> app;

    static gboolean end(gpointer data) {
        auto* self = static_cast<Loop*>(data);
        log(LogLevel::info, "ending");
        self->app->stop([self] { g_main_loop_quit(self->loop.get()); });
        return G_SOURCE_REMOVE;
    }
};

int serve(const Settings& settings) {
    Loop loop;
    auto app = api::App::create(settings);
    if (!app) {
        std::fprintf(stderr, "masthead-server: %s\n", app.error().message.c_str());
        return app.error().code == Code::invalid_argument ? 2 : 1;
    }
    loop.app = std::move(*app);
    g_unix_signal_add(SIGINT, Loop::end, &loop);
    g_unix_signal_add(SIGTERM, Loop::end, &loop);
    log(LogLevel::info, "serving", {{"address", loop.app->address()}, {"version", MASTHEAD_VERSION}});
    g_main_loop_run(loop.loop.get());
    return 0;
}

int print_routes(const Settings& settings) {
    const auto app = api::App::create(settings);
    if (!app) {
        std::fprintf(stderr, "masthead-server: %s\n", app.error().message.c_str());
        return 1;
    }
    std::fputs((*app)->route_list().c_str(), stdout);
    return 0;
}

int usage_error(const char* sentence) {
    std::fprintf(stderr, "masthead-server: %s\n\n%s", sentence, kUsage);
    return 2;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 1 && words[0] == "--help") {
        std::fputs(kUsage, stdout);
        return 0;
    }
    if (words.size() == 1 && words[0] == "--version") {
        std::puts("masthead-server " MASTHEAD_VERSION);
        return 0;
    }
    if (words.size() < 2 || words[0] != "--config") {
        return usage_error("--config FILE is wanted");
    }
    const auto settings = load_settings(words[1]);
    if (!settings) {
        std::fprintf(stderr, "masthead-server: %s\n", settings.error().message.c_str());
        return 2;
    }
    if (words.size() == 2) {
        return serve(*settings);
    }
    if (words.size() == 3 && words[2] == "routes") {
        return print_routes(*settings);
    }
    if (words[2] == "user") {
        return manage_users(*settings, {words.begin() + 3, words.end()});
    }
    if (words[2] == "audit") {
        return read_audit(*settings, {words.begin() + 3, words.end()});
    }
    return usage_error(("'" + words[2] + "' is no command").c_str());
}
