// GFileMonitor (inotify) with a time of rest.
#include "server/api/folder_watch.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"

namespace masthead::api {
namespace {

constexpr std::chrono::milliseconds kRest{500};

} // namespace

FolderWatch::FolderWatch(const std::filesystem::path& directory, std::function<void()> changed)
    : rest_(nullptr, std::move(changed)) {
    const auto folder = Ref<GFile>::adopt(g_file_new_for_path(directory.c_str()));
    GError* error = nullptr;
    monitor_ = Ref<GFileMonitor>::adopt(
        g_file_monitor_directory(folder.get(), G_FILE_MONITOR_NONE, nullptr, &error));
    if (!monitor_) {
        log(LogLevel::warning, "changes of files are not noticed until the server starts again",
            {{"why", fail_from(error, "watching " + directory.string()).value().message}});
        return;
    }
    const auto on_change = +[](GFileMonitor*, GFile*, GFile*, GFileMonitorEvent, gpointer self) {
        static_cast<FolderWatch*>(self)->rest_.arm(kRest);
    };
    g_signal_connect(monitor_.get(), "changed", G_CALLBACK(on_change), this);
}

FolderWatch::~FolderWatch() {
    if (monitor_) {
        g_signal_handlers_disconnect_by_data(monitor_.get(), this);
        g_file_monitor_cancel(monitor_.get());
    }
}

} // namespace masthead::api
