#include "server/api/pipeline_shelf.hpp"

#include "plugins/glib/log.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

std::string file_of(const std::string& name) { return name + ".yaml"; }

std::string placed(const std::string& name, const RecipeProblem& problem) {
    std::string text = file_of(name);
    if (problem.place.line > 0) {
        text += ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
    }
    return text + ": " + problem.message;
}

/// Nothing when the text is a pipeline file by its schema.
std::optional<RecipeProblem> malformed(const std::string& name, const std::string& text) {
    const auto info = describe_recipe_text(text, file_of(name));
    return info ? std::nullopt : std::optional(problem_of(info.error().message, file_of(name)));
}

} // namespace

PipelineShelf::PipelineShelf(store::Database& database, Events& events, ShelfSettings settings)
    : database_(database), events_(events), settings_(std::move(settings)), tool_(settings_.tool),
      watch_(settings_.folder, [this] { scan(); }) {
    scan();
}

Result<std::vector<Recipe>> PipelineShelf::recipes(const std::string& name,
                                                   const ParameterValues& parameters) const {
    const auto found = pipelines_.find(name);
    if (found != pipelines_.end() && found->second.applied) {
        return parse_recipes(*found->second.applied, file_of(name), parameters);
    }
    if (found != pipelines_.end() && found->second.problem) {
        return fail(Code::invalid_argument, placed(name, *found->second.problem));
    }
    std::string there;
    for (const auto& [other, pipeline] : pipelines_) {
        there += pipeline.applied ? (there.empty() ? "" : ", ") + other : "";
    }
    return fail(Code::invalid_argument,
                "there is no pipeline file '" + file_of(name) + "'" +
                    (there.empty() ? "; nor is there any other" : "; there are: " + there));
}

Result<void> PipelineShelf::may_set(const ParameterValues& parameters) const {
    for (const auto& [name, value] : parameters) {
        const auto* text = std::get_if<std::string>(&value);
        if (!text) {
            continue;
        }
        const bool uri = text->find("://") != std::string::npos;
        const auto allowed =
            uri ? check_web_uri(*text, settings_.rules) : check_web_secret(*text, settings_.rules);
        if (!allowed) {
            return fail(Code::forbidden, "parameter '" + name + "': " + allowed.error().message);
        }
    }
    return {};
}

/// The folder changed: takes in what is new and drops what is gone.
void PipelineShelf::scan() {
    const auto texts = read_pipeline_files(settings_.folder);
    if (!texts) {
        log(LogLevel::error, "the pipeline files cannot be read", {{"why", texts.error().message}});
        return;
    }
    for (const auto& [name, text] : *texts) {
        take(name, text, !begun_);
    }
    std::vector<std::string> gone;
    for (const auto& [name, pipeline] : pipelines_) {
        if (!texts->contains(name)) {
            gone.push_back(name);
        }
    }
    for (const std::string& name : gone) {
        say("caution", name, "", file_of(name) + " went away" + cameras_text(name));
        pipelines_.erase(name);
    }
    const bool first = !std::exchange(begun_, true);
    if (!gone.empty() && !first) {
        settings_.changed();
    }
    check_what_is_new();
}

void PipelineShelf::take(const std::string& name, const Result<std::string>& text, bool at_start) {
    const auto [entry, fresh] = pipelines_.try_emplace(name);
    ShelfPipeline& pipeline = entry->second;
    if (!text) {
        bad(name, {{}, text.error().message});
        return;
    }
    if (!fresh && pipeline.text == *text) {
        return;
    }
    pipeline.text = *text;
    pipeline.checked = false;
    if (auto problem = malformed(name, *text)) {
        bad(name, *std::move(problem));
    } else if (at_start) {
        pipeline.applied = *text;
    }
}

CheckRequest PipelineShelf::request_for(const std::string& name, const std::string& text) const {
    return {name, text, settings_.uses(name)};
}

void PipelineShelf::check_what_is_new() {
    std::vector<CheckRequest> requests;
    for (const auto& [name, pipeline] : pipelines_) {
        if (!pipeline.checked) {
            requests.push_back(request_for(name, pipeline.text));
        }
    }
    if (checking_ || requests.empty()) {
        return;
    }
    checking_ = true;
    tool_.check(requests, [this, requests](const Result<std::vector<CheckVerdict>>& verdicts) {
        checking_ = false;
        judged(requests, verdicts);
        check_what_is_new(); // what changed meanwhile
    });
}

void PipelineShelf::judged(const std::vector<CheckRequest>& requests,
                           const Result<std::vector<CheckVerdict>>& verdicts) {
    if (!verdicts) {
        log(LogLevel::error, "pipeline files were not checked", {{"why", verdicts.error().message}});
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto found = pipelines_.find(requests[i].name);
        if (found == pipelines_.end() || found->second.text != requests[i].text || found->second.checked) {
            continue; // changed again, or gone
        }
        found->second.checked = true;
        const auto problem =
            verdicts
                ? (*verdicts)[i].problem
                : std::optional(RecipeProblem{{}, "it could not be checked: " + verdicts.error().message});
        if (problem && (verdicts || found->second.applied != found->second.text)) {
            bad(requests[i].name, *problem);
        } else {
            good(requests[i].name);
        }
    }
}

void PipelineShelf::good(const std::string& name) {
    ShelfPipeline& pipeline = pipelines_.at(name);
    pipeline.problem.reset();
    const bool news = pipeline.applied != pipeline.text;
    pipeline.applied = pipeline.text;
    note({.name = name,
          .version = 0,
          .applied = utc_now(),
          .user = "",
          .restores = std::nullopt,
          .text = pipeline.text});
    if (news) {
        say("info", name, "",
            file_of(name) + " was changed in the folder and is applied" + cameras_text(name));
        settings_.changed();
    }
}

void PipelineShelf::bad(const std::string& name, RecipeProblem problem) {
    ShelfPipeline& pipeline = pipelines_.at(name);
    pipeline.checked = true;
    if (pipeline.applied == pipeline.text) { // only well formed, applied at the start
        pipeline.applied.reset();
    }
    pipeline.problem = std::move(problem);
    if (!pipeline.applied) {
        fall_back(name);
    }
    say("caution", name, "",
        placed(name, *pipeline.problem) +
            (pipeline.applied ? "; the version before stays applied" : "; no version of it was ever good") +
            cameras_text(name));
    if (begun_) {
        settings_.changed();
    }
}

/// To the version that the database remembers.
void PipelineShelf::fall_back(const std::string& name) {
    const auto known = newest_.find(name);
    if (known != newest_.end() && !malformed(name, known->second.text)) {
        pipelines_.at(name).applied = known->second.text;
        pipelines_.at(name).version = known->second.version;
    }
}

/// Writes down what was changed in the folder; what cannot be written now waits.
void PipelineShelf::note(const store::PipelineVersionRow& row) {
    database_.run<int>(
        [row](store::Connection& connection) { return store::note_pipeline_version(connection, row); },
        [this, row](const Result<int>& version) {
            if (!version && version.error().code == Code::unavailable) {
                waiting_.push_back(row);
                return;
            }
            if (!version) {
                log(LogLevel::error, "an applied pipeline file could not be written down",
                    {{"pipeline", row.name}, {"why", version.error().message}});
                return;
            }
            const auto found = pipelines_.find(row.name);
            if (found != pipelines_.end() && found->second.applied == row.text) {
                found->second.version = *version;
            }
        });
}

void PipelineShelf::refresh() {
    database_.run<std::vector<store::PipelineVersionRow>>(
        store::newest_pipeline_versions, [this](const Result<std::vector<store::PipelineVersionRow>>& rows) {
            if (!rows) {
                return; // the database's own state is logged where it changes
            }
            bool found = false;
            for (const store::PipelineVersionRow& row : *rows) {
                newest_[row.name] = row;
                const auto entry = pipelines_.find(row.name);
                if (entry != pipelines_.end() && !entry->second.applied && entry->second.problem) {
                    fall_back(row.name);
                    found = found || entry->second.applied;
                }
            }
            if (found) {
                settings_.changed();
            }
        });
    // In the order in which they were applied.
    for (std::vector<store::PipelineVersionRow> waited = std::exchange(waiting_, {});
         const store::PipelineVersionRow& row : waited) {
        note(row);
    }
}

void PipelineShelf::check(const std::string& name, const std::string& text,
                          std::function<void(Result<CheckVerdict>)> done) {
    const auto refused = [&](const std::string& message) {
        done(CheckVerdict{.problem = problem_of(message, file_of(name)), .launch = {}});
    };
    const auto info = describe_recipe_text(text, file_of(name));
    if (!info) {
        return refused(info.error().message);
    }
    const CheckRequest request = request_for(name, text);
    std::vector<ParameterValues> values{sample_values(*info)};
    for (const CameraUse& use : request.uses) {
        values.push_back(use.parameters);
    }
    for (const ParameterValues& each : values) {
        // A fault that is no matter of the web's rules is found below, in better words.
        const auto recipes = parse_recipes(text, file_of(name), each, &settings_.rules);
        if (!recipes && recipes.error().code == Code::forbidden) {
            return refused(recipes.error().message);
        }
    }
    tool_.check({request}, [done = std::move(done)](Result<std::vector<CheckVerdict>> verdicts) {
        done(verdicts ? Result<CheckVerdict>(std::move(verdicts->front()))
                      : tl::unexpected(verdicts.error()));
    });
}

void PipelineShelf::apply(PipelineEdit edit, std::function<void(Result<std::optional<RecipeProblem>>)> done) {
    const auto then = [this, edit, done](const Result<CheckVerdict>& verdict) {
        if (!verdict) {
            return done(tl::unexpected(verdict.error()));
        }
        if (verdict->problem) {
            return done(verdict->problem);
        }
        auto file = PipelineFileWrite::prepare(settings_.folder, edit.name, edit.text);
        if (!file) {
            return done(tl::unexpected(file.error()));
        }
        write_down(edit, std::make_shared<PipelineFileWrite>(*std::move(file)), done);
    };
    if (!edit.restores) {
        return check(edit.name, edit.text, then);
    }
    tool_.check({request_for(edit.name, edit.text)}, [then](Result<std::vector<CheckVerdict>> verdicts) {
        then(verdicts ? Result<CheckVerdict>(std::move(verdicts->front()))
                      : tl::unexpected(verdicts.error()));
    });
}

void PipelineShelf::write_down(const PipelineEdit& edit, std::shared_ptr<PipelineFileWrite> file,
                               std::function<void(Result<std::optional<RecipeProblem>>)> done) {
    const store::PipelineVersionRow row{.name = edit.name,
                                        .version = 0,
                                        .applied = utc_now(),
                                        .user = edit.user,
                                        .restores = edit.restores,
                                        .text = edit.text};
    const auto known = pipelines_.find(edit.name);
    const std::string before = known == pipelines_.end() ? "" : known->second.text;
    database_.run<int>(
        [row, base = edit.base](store::Connection& connection) {
            return store::add_pipeline_version(connection, row, base);
        },
        [this, edit, file, done, before](const Result<int>& version) {
            if (!version) {
                return done(tl::unexpected(version.error()));
            }
            const auto now = pipelines_.find(edit.name);
            if ((now == pipelines_.end() ? "" : now->second.text) != before) {
                return done(
                    fail(Code::conflict,
                         file_of(edit.name) + " was changed in the folder just now; look at it first"));
            }
            if (const auto written = file->commit(); !written) {
                return done(tl::unexpected(written.error()));
            }
            put(edit, *version);
            done(std::nullopt);
        });
}

void PipelineShelf::put(const PipelineEdit& edit, int version) {
    pipelines_[edit.name] = {.text = edit.text,
                             .applied = edit.text,
                             .version = version,
                             .problem = std::nullopt,
                             .checked = true};
    const std::string what = edit.restores ? " was rolled back to version " + std::to_string(*edit.restores) +
                                                 ", as version " + std::to_string(version) + ","
                                           : " version " + std::to_string(version);
    say("info", edit.name, edit.user,
        edit.name + what + " is applied by " + edit.user + cameras_text(edit.name));
    settings_.changed();
}

/// ", which is used by kestrel nose, tern bow"
std::string PipelineShelf::cameras_text(const std::string& name) const {
    std::string text;
    for (const CameraUse& use : settings_.uses(name)) {
        text += (text.empty() ? "; used by " : ", ") + use.vehicle + " " + use.camera;
    }
    return text;
}

void PipelineShelf::say(const char* level, const std::string& name, const std::string& user,
                        const std::string& message) {
    events_.post({.id = {},
                  .time = {},
                  .level = level,
                  .subject = "pipeline/" + name,
                  .user = user,
                  .message = message});
}

} // namespace masthead::api
