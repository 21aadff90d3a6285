// Builder: puts elements into a pipeline and keeps the first thing that goes wrong. Private to server/worker.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"

#include <optional>
#include <string>

namespace masthead::worker {

class Builder {
  public:
    /// `pipeline` is borrowed from the caller.
    explicit Builder(GstElement* pipeline) : bin_(GST_BIN(pipeline)) {}

    /// A borrow from the pipeline, or nullptr, which all below take and pass over.
    GstElement* add(const char* factory, const std::string& name);
    /// Keeps `error` unless something went wrong before.
    void check(const Result<std::string>& result);
    void set(GstElement* element, const char* property, const std::string& value);
    void set(GstElement* element, const char* property, int value);
    void set(GstElement* element, const char* property, bool value);
    void link(GstElement* from, const char* from_pad, GstElement* to, const char* to_pad);

    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

  private:
    void broken(Code code, std::string message);

    GstBin* bin_;
    std::optional<Error> error_;
};

} // namespace masthead::worker
