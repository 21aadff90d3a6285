// Pulse: a link's state from what its transport and its peers do; each change is said once.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/glib/timer.hpp"
#include "plugins/links/link.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace masthead {

/// connecting until something good came; silent when nothing good came for 3 s; down while the transport is.
/// Thread: the context's.
class Pulse {
  public:
    Pulse(GMainContext* context, std::function<void(LinkState, const std::string&)> say);

    void connecting(const std::string& detail);
    /// The transport is open; nothing is known about a peer yet.
    void opened(const std::string& detail);
    void closed(const std::string& detail);
    /// Something good arrived.
    void beat();
    /// Something about `who` that a person should know, said with every state but down; "" takes it back.
    /// Changes are told twice a second at most, and of many remarks the first few.
    void remark(const std::string& who, const std::string& text);

  private:
    void change(LinkState state, const std::string& detail);
    void say(LinkState state, const std::string& what);
    void check();
    void say_remarks();

    std::function<void(LinkState, const std::string&)> say_;
    Timer timer_;
    Timer remarks_timer_;
    std::string where_;
    std::string what_; // of the state that was said last, without remarks
    std::map<std::string, std::string> remarks_;
    std::optional<std::pair<LinkState, std::string>> said_;
    gint64 last_us_ = 0; // monotonic
};

/// "kestrel's clock is 12 s behind, its times are mapped to ours"; "" for no error. `error` is theirs minus
/// ours.
[[nodiscard]] std::string clock_remark(const std::string& who,
                                       std::optional<std::chrono::microseconds> error);

} // namespace masthead
