// masthead-pipeline as the server's judge: what only GStreamer knows is asked of a process of its own, which
// may crash or hang.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "server/config/recipe.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

/// A camera that uses a pipeline file.
struct CameraUse {
    std::string vehicle;
    std::string camera;
    ParameterValues parameters;
};

struct CheckRequest {
    std::string name; // without .yaml
    std::string text;
    std::vector<CameraUse> uses;
};

struct CheckVerdict {
    std::optional<RecipeProblem> problem; // nothing: the text is good, also with every use's parameters
    std::string launch;                   // what it becomes, as gst-launch text
};

/// Thread: the default GMainContext's.
class PipelineTool {
  public:
    explicit PipelineTool(std::filesystem::path program);
    /// Ends what runs; nothing is called back any more.
    ~PipelineTool();
    PipelineTool(const PipelineTool&) = delete;
    PipelineTool& operator=(const PipelineTool&) = delete;

    /// One verdict a request, in their order; later, never from within. Error: unavailable (the program is
    /// not there, crashed, or did not end within 30 s).
    void check(const std::vector<CheckRequest>& requests,
               std::function<void(Result<std::vector<CheckVerdict>>)> done);

  private:
    std::filesystem::path program_;
    Ref<GCancellable> cancellable_;
};

} // namespace masthead::api
