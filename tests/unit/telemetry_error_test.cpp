// What Track states as its error really bounds it: random motion within the limits, sampled at random, some
// of it late.
#include "plugins/telemetry/footprint.hpp"
#include "plugins/telemetry/sample.hpp"
#include "plugins/telemetry/track.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <random>

using namespace masthead;
using std::chrono::microseconds;

namespace {

constexpr Utc kStart{1'700'000'000'000'000};
constexpr GeoPoint kOrigin{61.5, 179.9995}; // the antimeridian is crossed on the way

/// A sum of sines whose second derivative never exceeds a limit.
class SmoothMotion {
  public:
    SmoothMotion(std::mt19937& random, double limit) {
        const auto between = [&](double low, double high) {
            return std::uniform_real_distribution(low, high)(random);
        };
        for (Wave& wave : waves_) {
            wave = {limit / static_cast<double>(waves_.size()), between(0.5, 12),
                    between(0, 2 * std::numbers::pi)};
        }
    }

    double value(double t) const {
        return sum([&](const Wave& w) {
            return w.acceleration / (w.omega * w.omega) * std::sin(w.omega * t + w.phase);
        });
    }
    double rate(double t) const {
        return sum([&](const Wave& w) { return w.acceleration / w.omega * std::cos(w.omega * t + w.phase); });
    }

  private:
    struct Wave {
        double acceleration, omega, phase;
    };
    template <typename F>
    double sum(F&& of) const {
        double total = 0;
        for (const Wave& wave : waves_) {
            total += of(wave);
        }
        return total;
    }
    std::array<Wave, 3> waves_{};
};

struct Vehicle {
    explicit Vehicle(std::mt19937& random, const TrackLimits& limits)
        // The limit is one of the horizontal vector; each axis gets its share.
        : north(random, limits.max_acceleration_mps2 / std::numbers::sqrt2),
          east(random, limits.max_acceleration_mps2 / std::numbers::sqrt2),
          up(random, limits.max_acceleration_mps2), heading(random, limits.max_angular_acceleration_dps2),
          pitch(random, limits.max_angular_acceleration_dps2 / 10) {}

    Sample at(double t) const {
        Sample sample;
        sample.time = kStart + microseconds(std::llround(t * 1e6));
        const GeoPoint point = moved(kOrigin, 20 * t + north.value(t), 15 * t + east.value(t));
        sample.latitude_deg = point.latitude_deg;
        sample.longitude_deg = point.longitude_deg;
        sample.altitude_hae_m = 500 + up.value(t);
        sample.velocity_north_mps = 20 + north.rate(t);
        sample.velocity_east_mps = 15 + east.rate(t);
        sample.climb_mps = up.rate(t);
        const double turned = std::fmod(heading.value(t) + 3600, 360.0);
        sample.heading_deg = turned;
        sample.pitch_deg = std::clamp(pitch.value(t), -80.0, 80.0);
        return sample;
    }

    SmoothMotion north, east, up, heading, pitch;
};

/// The largest share of the stated error that was really there.
struct Shares {
    double position = 0, altitude = 0, angle = 0, speed = 0;
};

void compare(const Match& match, const Sample& truth, Shares& shares) {
    const Sample found = from_local_set(match.set, truth.time);
    const auto check = [](double error, double stated, double& share, const char* what) {
        ASSERT_LE(error, stated * (1 + 1e-6) + 1e-6) << what;
        share = std::max(share, error / stated);
    };
    const auto offset =
        offset_m({*truth.latitude_deg, *truth.longitude_deg}, {*found.latitude_deg, *found.longitude_deg});
    check(std::hypot(offset[0], offset[1]), match.error.position_m, shares.position, "position");
    check(std::abs(*found.altitude_hae_m - *truth.altitude_hae_m), match.error.altitude_m, shares.altitude,
          "altitude");
    check(std::abs(std::remainder(*found.heading_deg - *truth.heading_deg, 360)), match.error.angle_deg,
          shares.angle, "heading");
    check(std::abs(*found.pitch_deg - *truth.pitch_deg), match.error.angle_deg, shares.angle, "pitch");
    for (const auto member : {&Sample::velocity_north_mps, &Sample::velocity_east_mps, &Sample::climb_mps}) {
        check(std::abs(*(found.*member) - *(truth.*member)), match.error.speed_mps, shares.speed, "speed");
    }
}

void run(std::uint32_t seed, const TrackLimits& limits, Shares& shares, std::array<int, 4>& methods) {
    std::mt19937 random(seed);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution(low, high)(random);
    };
    const Vehicle vehicle(random, limits);
    Track track(limits);
    const double pace = between(0.02, 0.3);
    double sampled = 0;
    for (int i = 0; i < 40; ++i) {
        sampled += pace * between(0.3, 1.7);
        track.add(to_local_set(vehicle.at(sampled)), vehicle.at(sampled).time);
        if (i < 2) {
            continue;
        }
        for (int j = 0; j < 5; ++j) {
            const double t = sampled + between(-3 * pace, 0.9);
            const double time_error = j % 2 == 0 ? 0 : between(0, 0.03);
            const Match match =
                track.at(kStart + microseconds(std::llround(t * 1e6)),
                         microseconds(static_cast<std::int64_t>(std::ceil(time_error * 1e6))));
            ++methods[static_cast<std::size_t>(match.method)];
            if (match.method == Method::none) {
                continue;
            }
            const double true_instant = t + between(-1, 1) * time_error;
            ASSERT_NO_FATAL_FAILURE(compare(match, vehicle.at(true_instant), shares))
                << "seed " << seed << " sample " << i << " method " << static_cast<int>(match.method)
                << " reach " << t - sampled << " pace " << pace << " time error " << time_error;
        }
    }
}

} // namespace

TEST(StatedError, BoundsTheTrueErrorOfMotionWithinTheLimits) {
    Shares shares;
    std::array<int, 4> methods{};
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        ASSERT_NO_FATAL_FAILURE(run(seed, TrackLimits{}, shares, methods));
    }
    EXPECT_GT(methods[static_cast<std::size_t>(Method::interpolated)], 1000);
    EXPECT_GT(methods[static_cast<std::size_t>(Method::extrapolated)], 1000);
    // A bound that nothing comes near would be of no use.
    EXPECT_GT(shares.position, 0.2);
    EXPECT_GT(shares.altitude, 0.3);
    EXPECT_GT(shares.angle, 0.3);
    EXPECT_GT(shares.speed, 0.3);
}

TEST(StatedError, FollowsTheLimits) {
    TrackLimits gentle;
    gentle.max_acceleration_mps2 = 0.5;
    gentle.max_angular_acceleration_dps2 = 20;
    Shares shares;
    std::array<int, 4> methods{};
    for (std::uint32_t seed = 500; seed <= 510; ++seed) {
        ASSERT_NO_FATAL_FAILURE(run(seed, gentle, shares, methods));
    }
}
