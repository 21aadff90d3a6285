// How far a command is: JSON lines for programs, nothing for people unless they watch a terminal.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <string>

namespace masthead::recording_tool {

/// Thread: any one at a time.
class Progress {
  public:
    explicit Progress(bool json) : json_(json) {}
    /// From now on steps go from `from` to `to`, each 0..1 of the whole.
    void stage(const char* detail, double from, double to);
    /// 0..1 of the stage. Said at most five times a second.
    void step(double done);
    /// It failed: also said as a line to programs. Gives the exit code.
    int failed(const Error& error) const;

  private:
    void say(double done);
    bool json_;
    std::string detail_;
    double from_ = 0;
    double to_ = 1;
    std::int64_t said_us_ = 0;
};

} // namespace masthead::recording_tool
