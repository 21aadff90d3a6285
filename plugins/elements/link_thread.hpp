// A telemetry link on a thread of its own, for elements.
#pragma once

#include "plugins/glib/loop_thread.hpp"
#include "plugins/links/link.hpp"

#include <memory>
#include <string>

namespace masthead {

/// Thread: create and destroy on one thread; the callbacks run on the link's.
class LinkThread {
  public:
    /// Opens and starts the link. Errors: as open_link and Link::start.
    [[nodiscard]] static Result<std::unique_ptr<LinkThread>> create(const std::string& uri,
                                                                    LinkEvents events);
    ~LinkThread();
    LinkThread(const LinkThread&) = delete;
    LinkThread& operator=(const LinkThread&) = delete;

  private:
    LinkThread() = default;

    LoopThread loop_{"telemetrysrc"};
    std::unique_ptr<Link> link_; // of the loop's thread
};

} // namespace masthead
