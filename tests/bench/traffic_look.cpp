// The cost of one look for encounters: traffic_look TARGETS VEHICLES. Prints microseconds a look (median of 5
// runs) beside the floor, which reads the same movers and compares their latitudes.
#include "server/traffic/watch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

using namespace masthead;
using namespace masthead::traffic;

namespace {

constexpr int kRuns = 5;
constexpr int kLooks = 50;

template <typename Look>
double median_us(Look look) {
    std::array<double, kRuns> runs{};
    for (double& run : runs) {
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < kLooks; ++i) {
            look(i);
        }
        run = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count() /
              kLooks;
    }
    std::ranges::sort(runs);
    return runs[kRuns / 2];
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: traffic_look TARGETS VEHICLES\n", stderr);
        return 2;
    }
    std::mt19937 random(1);
    const auto mover = [&] { // within about 100 km, as fast as ships are
        std::uniform_real_distribution place(-0.9, 0.9);
        std::uniform_real_distribution speed(-8.0, 8.0);
        return Mover{.position = {54 + place(random), 10 + place(random)},
                     .north_mps = speed(random),
                     .east_mps = speed(random),
                     .altitude_m = std::nullopt};
    };
    std::vector<Target> targets;
    for (int i = 0; i < std::atoi(argv[1]); ++i) {
        targets.push_back({std::to_string(211'000'000 + i), mover()});
    }
    std::vector<Own> owns;
    for (int i = 0; i < std::atoi(argv[2]); ++i) {
        owns.push_back({.vehicle = "vessel-" + std::to_string(i), .mover = mover(), .address = {}});
    }
    Watch watch;
    std::size_t encounters = 0;
    const double look_us = median_us([&](int i) {
        encounters =
            watch.look(owns, targets, Utc{1'800'000'000'000'000 + i * std::int64_t{1'000'000}}).size();
    });
    volatile std::size_t north = 0;
    const double floor_us = median_us([&](int) {
        for (const Own& own : owns) {
            for (const Target& target : targets) {
                north =
                    north + (target.mover.position.latitude_deg > own.mover.position.latitude_deg ? 1U : 0U);
            }
        }
    });
    std::printf(
        "look: %s targets, %s vehicles, %zu encounters: %.0f us a look, once a second %.2f %% of a core; "
        "floor (each pair read once) %.0f us, look : floor %.1f\n",
        argv[1], argv[2], encounters, look_us, look_us / 10'000, floor_us, look_us / floor_us);
    return 0;
}
