#include "plugins/elements/link_thread.hpp"

namespace masthead {

Result<std::unique_ptr<LinkThread>> LinkThread::create(const std::string& uri, LinkEvents events) {
    std::unique_ptr<LinkThread> self(new LinkThread());
    Result<void> started;
    self->loop_.call([&] {
        auto link = open_link(uri, std::move(events), self->loop_.context());
        started = link ? (*link)->start() : tl::unexpected(link.error());
        if (started) {
            self->link_ = std::move(*link);
        }
    });
    if (!started) {
        return tl::unexpected(started.error());
    }
    return self;
}

LinkThread::~LinkThread() {
    loop_.call([this] { link_.reset(); });
}

} // namespace masthead
