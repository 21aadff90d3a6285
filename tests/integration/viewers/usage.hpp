// Threads, descriptors and memory of this process, and waiting until those of others' are given back.
#pragma once

#include <cstddef>

namespace masthead::test {

struct Usage {
    std::ptrdiff_t threads;
    std::ptrdiff_t descriptors;
    long resident_kb;
};

[[nodiscard]] Usage usage();
/// No more threads and descriptors than before, but for those that GLib's pool keeps for later use.
[[nodiscard]] bool is_back(const Usage& before, const Usage& now);
/// Waits until it is back, at most kPatience.
[[nodiscard]] Usage settled(const Usage& before);

} // namespace masthead::test
