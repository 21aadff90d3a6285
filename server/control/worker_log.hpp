// What a worker writes to its standard error: passed on to our own, and its last lines kept.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"

#include <deque>
#include <string>

namespace masthead::control {

/// Lives on the thread whose thread-default GMainContext was current at creation.
class WorkerLog {
  public:
    static constexpr std::size_t kMaxLines = 500;
    static constexpr std::size_t kMaxLineBytes = 2000; // the rest of a longer one is cut off

    explicit WorkerLog(GMainContext* context) : context_(context) {}
    ~WorkerLog();
    WorkerLog(const WorkerLog&) = delete;
    WorkerLog& operator=(const WorkerLog&) = delete;

    /// The writing end of a new pipe, for a process that is about to start; the caller owns it. What the one
    /// before had written is taken in first. Error: unavailable.
    [[nodiscard]] Result<int> open();
    [[nodiscard]] const std::deque<std::string>& lines() const noexcept { return lines_; }

  private:
    void close();
    bool take();
    void add(std::string_view text);

    GMainContext* context_; // borrowed
    int pipe_ = -1;
    Owned<GSource> source_;
    std::string begun_; // a line without its end
    std::deque<std::string> lines_;
};

} // namespace masthead::control
