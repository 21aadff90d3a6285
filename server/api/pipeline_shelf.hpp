// The pipeline files as they stand in the folder and as they are applied. A text is applied only after it was
// checked; a bad one leaves the one before in force.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/events.hpp"
#include "server/api/folder_watch.hpp"
#include "server/api/pipeline_files.hpp"
#include "server/api/pipeline_tool.hpp"
#include "server/config/recipe.hpp"
#include "server/store/database.hpp"
#include "server/store/pipelines.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

struct ShelfPipeline {
    std::string text;                     // of the file as it stands in the folder
    std::optional<std::string> applied;   // the text that cameras run; nothing: none was ever good
    int version = 0;                      // of `applied`, as the database counts; 0: not written down yet
    std::optional<RecipeProblem> problem; // what is wrong with `text`
    bool checked = false;                 // `text` has its verdict
};

struct PipelineEdit {
    std::string name;
    std::string text;
    int base = 0; // the version that was edited
    std::string user;
    std::optional<int> restores; // the version whose text it is again
};

struct ShelfSettings {
    std::filesystem::path folder;
    std::filesystem::path tool;
    WebEditRules rules;
    /// The cameras that name a pipeline file.
    std::function<std::vector<CameraUse>(const std::string& name)> uses;
    /// An applied text changed, came or went.
    std::function<void()> changed;
};

/// Files that are there at the start are applied at once if they are well formed, and checked in full at
/// leisure. Thread: the default GMainContext's. Borrows the database and events for its life.
class PipelineShelf {
  public:
    PipelineShelf(store::Database& database, Events& events, ShelfSettings settings);

    [[nodiscard]] const std::map<std::string, ShelfPipeline>& all() const noexcept { return pipelines_; }
    /// The applied text with a camera's parameters. Errors: invalid_argument, in words for who set the
    /// camera.
    [[nodiscard]] Result<std::vector<Recipe>> recipes(const std::string& name,
                                                      const ParameterValues& parameters) const;
    /// Whether somebody in a browser may set these. Error: forbidden.
    [[nodiscard]] Result<void> may_set(const ParameterValues& parameters) const;

    /// What is wrong with a text that somebody in a browser wrote. Error: unavailable.
    void check(const std::string& name, const std::string& text,
               std::function<void(Result<CheckVerdict>)> done);
    /// Checks, writes down, puts into the folder, applies. A problem leaves all as it was, and so does an
    /// error: conflict (`base` is not the version in force, or the file changed meanwhile), unavailable (the
    /// database, the folder, the checker). An edit that restores a version may hold what the web may not.
    void apply(PipelineEdit edit, std::function<void(Result<std::optional<RecipeProblem>>)> done);
    /// The database is there (again).
    void refresh();

  private:
    void scan();
    void take(const std::string& name, const Result<std::string>& text, bool at_start);
    void check_what_is_new();
    void judged(const std::vector<CheckRequest>& requests, const Result<std::vector<CheckVerdict>>& verdicts);
    void good(const std::string& name);
    void bad(const std::string& name, RecipeProblem problem);
    void note(const store::PipelineVersionRow& row);
    void fall_back(const std::string& name);
    void write_down(const PipelineEdit& edit, std::shared_ptr<PipelineFileWrite> file,
                    std::function<void(Result<std::optional<RecipeProblem>>)> done);
    void put(const PipelineEdit& edit, int version);
    [[nodiscard]] CheckRequest request_for(const std::string& name, const std::string& text) const;
    [[nodiscard]] std::string cameras_text(const std::string& name) const;
    void say(const char* level, const std::string& name, const std::string& user, const std::string& message);

    store::Database& database_;
    Events& events_;
    ShelfSettings settings_;
    PipelineTool tool_;
    std::map<std::string, ShelfPipeline> pipelines_;
    std::map<std::string, store::PipelineVersionRow> newest_; // as the database had them when it came up
    std::vector<store::PipelineVersionRow> waiting_;          // to be written down
    bool checking_ = false;
    bool begun_ = false;
    FolderWatch watch_;
};

} // namespace masthead::api
