#include "server/api/alert_rules_file.hpp"

#include <fstream>
#include <iterator>

namespace masthead::api {
namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

AlertRulesFile::AlertRulesFile(std::filesystem::path path, Events& events,
                               std::function<void(AlertRules)> changed)
    : path_(std::move(path)), events_(events), changed_(std::move(changed)),
      watch_(path_.parent_path(), [this] { read(false); }) {
    read(true);
}

void AlertRulesFile::read(bool first) {
    std::string text = text_of(path_);
    if (!first && text == text_) {
        return; // something else in the folder
    }
    text_ = std::move(text);
    auto rules = load_alert_rules(path_);
    if (rules) {
        changed_(*std::move(rules));
        if (!first) {
            events_.post({.id = {},
                          .time = {},
                          .level = "info",
                          .subject = "alerts",
                          .user = {},
                          .message = "the rules of alerts were read anew"});
        }
        return;
    }
    events_.post({.id = {},
                  .time = {},
                  .level = "caution",
                  .subject = "alerts",
                  .user = {},
                  .message = "the rules of alerts stay as they were: " + rules.error().message});
}

} // namespace masthead::api
