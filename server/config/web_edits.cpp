#include "server/config/web_edits.hpp"

#include "plugins/bytes/join.hpp"
#include "plugins/bytes/similar.hpp"
#include "server/config/parameters.hpp"
#include "server/config/web_edit_check.hpp"
#include "web_edits_list.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <regex>

namespace masthead {
namespace {

std::string listed(const std::vector<std::string>& words) { return words.empty() ? "none" : join(words); }

/// Of scheme://[user[:password]@]host[:port][/path]; an IPv6 address without its brackets.
std::string host_of(std::string_view uri) {
    std::string_view rest = uri.substr(uri.find("://") + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    rest = rest.substr(rest.rfind('@') + 1);
    if (rest.starts_with('[')) {
        return std::string(rest.substr(1, rest.find(']') - 1));
    }
    return std::string(rest.substr(0, rest.find(':')));
}

bool matches(const std::string& text, const std::vector<std::string>& patterns, int flags) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        return fnmatch(pattern.c_str(), text.c_str(), flags) == 0;
    });
}

} // namespace

Result<void> check_web_secret(std::string_view text, const WebEditRules& rules) {
    const bool names_place = text.starts_with("file:/") && !text.starts_with("file://");
    if ((!names_place && !text.starts_with("env:")) || text == kSampleSecret) {
        return {};
    }
    // No "..": a pattern's folder is where the file is.
    if (text.find("/../") != std::string_view::npos || !matches(std::string(text), rules.secrets, 0)) {
        return fail(Code::forbidden,
                    "by the web a secret may not come from there, only from " + listed(rules.secrets));
    }
    return {};
}

Result<void> check_web_uri(std::string_view uri, const WebEditRules& rules) {
    if (uri == kSampleUri) {
        return {};
    }
    const std::string scheme(uri.substr(0, uri.find("://")));
    if (std::ranges::find(rules.schemes, scheme) == rules.schemes.end()) {
        return fail(Code::forbidden, "by the web a URI may not begin with " + scheme + "://, only with " +
                                         listed(rules.schemes));
    }
    const std::string host = host_of(uri);
    if (!matches(host, rules.hosts, FNM_CASEFOLD)) {
        return fail(Code::forbidden,
                    "by the web a URI may not name the host '" + host + "'; allowed: " + listed(rules.hosts));
    }
    return {};
}

namespace config {
namespace {

/// Every text of `part` that is a URI or names the place of a secret.
Result<void> check_texts(const Document& document, const std::string& pointer, const Json& part,
                         const WebEditRules& rules) {
    if (part.is_string()) {
        const auto& text = part.get_ref<const std::string&>();
        const auto allowed = has_scheme(text) ? check_web_uri(text, rules) : check_web_secret(text, rules);
        if (!allowed) {
            auto placed = document.fail_at(pointer, allowed.error().message).value();
            return fail(Code::forbidden, std::move(placed.message));
        }
    }
    if (part.is_structured()) {
        for (const auto& [name, child] : part.items()) {
            if (auto allowed = check_texts(document, pointer + pointer_step(name), child, rules); !allowed) {
                return allowed;
            }
        }
    }
    return {};
}

const Json& allow_list() {
    static const Json list = Json::parse(embedded::kWebEdits).at("elements");
    return list;
}

Result<void> check_element(const Launch& launch, const LaunchElement& element, const WebEditRules& rules) {
    const auto beyond = [&](Place place, const std::string& what, const std::string& word,
                            const std::vector<std::string>& allowed) {
        const std::string meant = did_you_mean(word, allowed);
        return fail(
            Code::forbidden,
            launch.message_at(place, what + " cannot be used in an edit by the web" +
                                         (meant.empty() ? "; it takes somebody with access to the folder "
                                                          "of pipeline files"
                                                        : meant)));
    };
    const auto known = allow_list().find(element.factory);
    if (known == allow_list().end()) {
        std::vector<std::string> allowed;
        for (const auto& [name, properties] : allow_list().items()) {
            allowed.push_back(name);
        }
        return beyond(element.place, "the element '" + element.factory + "'", element.factory, allowed);
    }
    for (const LaunchProperty& property : element.properties) {
        const bool allowed = property.name == "name" ||
                             std::find(known->begin(), known->end(), Json(property.name)) != known->end();
        if (!allowed) {
            return beyond(property.place, "the property '" + property.name + "' of '" + element.factory + "'",
                          property.name, known->get<std::vector<std::string>>());
        }
        if (has_scheme(property.value)) {
            if (const auto good = check_web_uri(property.value, rules); !good) {
                return fail(Code::forbidden, launch.message_at(property.place, good.error().message));
            }
        }
    }
    return {};
}

/// What an output would open to the network, or read on this machine.
Result<void> check_outputs(const Document& document) {
    const Json outputs = document.value.value("outputs", Json::object()).value("restream", Json::object());
    for (const auto& [name, output] : outputs.items()) {
        const std::string place = "/outputs/restream" + pointer_step(name);
        for (const char* key : {"/rtsp/address", "/passphrase_file", "/passphrase_env"}) {
            if (output.contains(nlohmann::json_pointer<std::string>(key))) {
                auto placed =
                    document
                        .fail_at(place + key, "'" + std::string(key).substr(std::string(key).rfind('/') + 1) +
                                                  "' cannot be used in an edit by the web; it takes somebody "
                                                  "with access to the folder of pipeline files")
                        .value();
                return fail(Code::forbidden, std::move(placed.message));
            }
        }
    }
    return {};
}

} // namespace

Result<void> check_web_edit(const Document& document, const Launch& launch, const WebEditRules& rules) {
    // What a parameter makes of a URI later would escape: only a whole URI is looked at again.
    static const std::regex mixed(R"(://[^\s"']*\$\{)");
    if (std::smatch found; std::regex_search(document.text, found, mixed)) {
        const auto line =
            std::count(document.text.begin(), document.text.begin() + found.position(), '\n') + 1;
        return fail(Code::forbidden, message_at(document.name, {static_cast<int>(line), 1},
                                                "by the web a parameter cannot be a part of a URI; make the "
                                                "whole URI a parameter of type uri"));
    }
    for (const LaunchElement& element : launch.elements) {
        if (auto allowed = check_element(launch, element, rules); !allowed) {
            return allowed;
        }
    }
    if (auto allowed = check_outputs(document); !allowed) {
        return allowed;
    }
    for (const char* part : {"parameters", "ingest", "outputs"}) {
        if (!document.value.contains(part)) {
            continue;
        }
        Json texts = document.value.at(part);
        texts.erase("launch"); // its words were looked at above
        if (auto allowed = check_texts(document, pointer_step(part), texts, rules); !allowed) {
            return allowed;
        }
    }
    return {};
}

} // namespace config
} // namespace masthead
