// Says when the files of a directory have changed and come to rest.
#pragma once

#include "plugins/glib/ref.hpp"
#include "plugins/glib/timer.hpp"

#include <filesystem>
#include <functional>

namespace masthead::api {

/// An editor or an upgrade takes a file away and puts a new one in its place: only what stays so for a moment
/// counts. Thread: the default GMainContext's. A directory that cannot be watched is said in the log once.
class FolderWatch {
  public:
    FolderWatch(const std::filesystem::path& directory, std::function<void()> changed);
    ~FolderWatch();
    FolderWatch(const FolderWatch&) = delete;
    FolderWatch& operator=(const FolderWatch&) = delete;

  private:
    Timer rest_;
    Ref<GFileMonitor> monitor_;
};

} // namespace masthead::api
