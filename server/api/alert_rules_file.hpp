// The file of alert rules: read, watched, read again.
#pragma once

#include "server/api/events.hpp"
#include "server/api/folder_watch.hpp"
#include "server/config/alert_rules.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace masthead::api {

/// A file that is wrong, or gone, leaves the rules as they were and is told as an event, with its place.
/// Thread: the default GMainContext's. Borrows events.
class AlertRulesFile {
  public:
    /// `changed` is called from within, and with each change of the file for good.
    AlertRulesFile(std::filesystem::path path, Events& events, std::function<void(AlertRules)> changed);

  private:
    void read(bool first);

    std::filesystem::path path_;
    Events& events_;
    std::function<void(AlertRules)> changed_;
    std::string text_; // as it was read last
    FolderWatch watch_;
};

} // namespace masthead::api
