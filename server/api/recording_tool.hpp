// masthead-recording as the server's hand: what is heavy on recordings runs in a process of its own, which
// may crash, take long and be ended.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/json.hpp"
#include "plugins/glib/ref.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace masthead::api {

/// One run of the program that tells its progress as JSON lines. Thread: the default GMainContext's.
class RecordingRun {
  public:
    struct Events {
        std::function<void(double progress, const std::string& detail)> progress;
        /// Once, and last: the line with which it said that all is done. Error: what it said, or that it
        /// crashed.
        std::function<void(Result<json::Value>)> ended;
    };
    /// Calls back later, never from within. Error: unavailable (it cannot be started).
    [[nodiscard]] static Result<std::unique_ptr<RecordingRun>>
    start(const std::filesystem::path& program, const std::vector<std::string>& arguments, Events events);
    /// Ends the process; nothing is called back any more.
    ~RecordingRun();
    RecordingRun(const RecordingRun&) = delete;
    RecordingRun& operator=(const RecordingRun&) = delete;

    /// Ends the process; then `ended` is called.
    void end();

  private:
    struct State;
    explicit RecordingRun(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

/// One run whose answer is what it writes, within 30 s. Errors: not_found (nothing was recorded there),
/// unavailable. `done` is not called once `cancellable` is cancelled.
void ask_recording_tool(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                        const Ref<GCancellable>& cancellable, std::function<void(Result<std::string>)> done);

} // namespace masthead::api
