// A GObject's properties as a list.
#pragma once

#include <glib-object.h>

#include <vector>

namespace masthead {

/// In the order of their definition; the specs belong to the object's class. Thread: any.
[[nodiscard]] std::vector<GParamSpec*> properties_of(GObject* object);

} // namespace masthead
