// Soak: viewers_soak [VIEWERS, default 200] join one stream and leave it, 20 at a time. Threads and file
// descriptors must return to where they were; memory growth and join times are printed.
#include "tests/integration/viewers/test_stream.hpp"
#include "tests/integration/viewers/test_viewer.hpp"
#include "tests/integration/viewers/usage.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

using namespace masthead::test;

namespace {

constexpr int kAtATime = 20;

void print(const char* what, const Usage& now) {
    std::printf("%-28s threads %4td  descriptors %4td  resident %7ld KB\n", what, now.threads,
                now.descriptors, now.resident_kb);
}

/// False when a viewer did not get frames and messages.
bool join_and_leave(const TestStream& stream, int round, std::vector<double>& first_frame_ms) {
    std::vector<std::unique_ptr<TestViewer>> viewers;
    std::vector<std::chrono::steady_clock::time_point> began;
    for (int i = 0; i < kAtATime; ++i) {
        began.push_back(std::chrono::steady_clock::now());
        viewers.push_back(
            std::make_unique<TestViewer>(stream.sink(), std::to_string(round) + "/" + std::to_string(i)));
    }
    for (std::size_t i = 0; i < viewers.size(); ++i) {
        if (!viewers[i]->gets_frames(3) || !viewers[i]->gets_messages(3)) {
            std::printf("viewer %zu of round %d: %s\n", i, round, viewers[i]->detail().c_str());
            return false;
        }
        const auto first = viewers[i]->first_frame_at() - began[i];
        first_frame_ms.push_back(std::chrono::duration<double, std::milli>(first).count());
    }
    if (round <= 1) {
        print(round == 0 ? "first 20 are watching" : "second 20 are watching", usage());
    }
    return true;
}

bool soak(int viewers) {
    const TestStream stream;
    if (!stream.renders(30)) {
        return false;
    }
    const Usage before = usage();
    print("before anyone joined", before);
    std::vector<double> first_frame_ms;
    Usage warm{};
    for (int round = 0; round * kAtATime < viewers; ++round) {
        if (!join_and_leave(stream, round, first_frame_ms)) {
            return false;
        }
        if (round == 0) {
            warm = settled(before);
            print("after the first 20 left", warm);
        }
    }
    const Usage end = settled(before);
    print("after all left", end);
    std::sort(first_frame_ms.begin(), first_frame_ms.end());
    std::printf("joining to first frame, ms: median %.0f, 90 %% %.0f, worst %.0f\n",
                first_frame_ms[first_frame_ms.size() / 2], first_frame_ms[first_frame_ms.size() * 9 / 10],
                first_frame_ms.back());
    std::printf("memory growth after the first 20: %ld KB\n", end.resident_kb - warm.resident_kb);
    const bool returned = is_back(before, end);
    std::printf("%s\n", returned ? "threads and descriptors are where they were"
                                 : "THREADS OR DESCRIPTORS ARE LEFT BEHIND");
    return returned && stream.renders(30);
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    const bool passed = soak(argc > 1 ? std::atoi(argv[1]) : 200);
    gst_deinit(); // GST_TRACERS=leaks reports here
    return passed ? 0 : 1;
}
