// A private main context with real sockets for link tests: waits for conditions, never for time to pass.
#pragma once

#include "plugins/glib/ref.hpp"
#include "plugins/links/link.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace masthead::test {

class Loop {
  public:
    Loop() : context_(g_main_context_new()) { g_main_context_push_thread_default(context_.get()); }
    ~Loop() { g_main_context_pop_thread_default(context_.get()); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] GMainContext* context() const { return context_.get(); }

    /// Runs the loop until `condition` holds; false after `seconds`.
    [[nodiscard]] bool until(const std::function<bool()>& condition, int seconds = 20) const {
        bool late = false;
        const Owned<GSource> limit(g_timeout_source_new(static_cast<guint>(seconds) * 1000));
        const auto mark = [](gpointer flag) -> gboolean {
            *static_cast<bool*>(flag) = true;
            return G_SOURCE_REMOVE;
        };
        g_source_set_callback(limit.get(), mark, &late, nullptr);
        g_source_attach(limit.get(), context_.get());
        while (!condition() && !late) {
            g_main_context_iteration(context_.get(), TRUE);
        }
        return condition();
    }

  private:
    Owned<GMainContext> context_;
};

/// Everything a link said.
struct Heard {
    std::vector<std::pair<LinkAddress, Sample>> samples;
    std::vector<std::pair<LinkState, std::string>> states;
    std::vector<CommandUpdate> commands;

    [[nodiscard]] LinkEvents events() {
        return {
            .sample = [this](const LinkAddress& who, const Sample& what) { samples.emplace_back(who, what); },
            .state = [this](LinkState state,
                            const std::string& detail) { states.emplace_back(state, detail); },
            .command = [this](const CommandUpdate& update) { commands.push_back(update); }};
    }
    [[nodiscard]] bool said(LinkState state) const { return !states.empty() && states.back().first == state; }
};

} // namespace masthead::test
