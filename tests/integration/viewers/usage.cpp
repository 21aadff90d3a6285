#include "tests/integration/viewers/usage.hpp"

#include "tests/integration/viewers/test_viewer.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

namespace masthead::test {

namespace {

std::ptrdiff_t entries(const char* folder) {
    return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

} // namespace

Usage usage() {
    long resident_kb = 0;
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) {
            resident_kb = std::stol(line.substr(6));
        }
    }
    return {entries("/proc/self/task"), entries("/proc/self/fd"), resident_kb};
}

bool is_back(const Usage& before, const Usage& now) {
    // GLib's pool keeps some idle threads for later use.
    return now.threads <= before.threads + g_thread_pool_get_max_unused_threads() &&
           now.descriptors <= before.descriptors;
}

/// Nothing tells when a thread of GLib's pool has gone (half a second after its last task), so this looks
/// again.
Usage settled(const Usage& before) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    Usage now = usage();
    while (!is_back(before, now) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        now = usage();
    }
    return now;
}

} // namespace masthead::test
