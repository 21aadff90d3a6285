// A GObject's properties: as a list, and their values.
#pragma once

#include <glib-object.h>

#include <string>
#include <vector>

namespace masthead {

/// In the order of their definition; the specs belong to the object's class. Thread: any.
[[nodiscard]] std::vector<GParamSpec*> properties_of(GObject* object);

/// "" where a string property is set to nothing.
[[nodiscard]] std::string string_of(const GValue* value);

} // namespace masthead
