// Draws what a camera in the simulated world sees, from exactly the pose that its telemetry tells.
#pragma once

#include "simulator/barcode.hpp"
#include "simulator/world.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace masthead::sim {

struct Colour {
    std::uint8_t y = 16, u = 128, v = 128;
};

/// An I420 picture without padding; width and height are even.
struct Picture {
    Picture(int width_px, int height_px);

    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> bytes; // luma, then U, then V

    [[nodiscard]] LumaPlane<std::uint8_t> luma();
    [[nodiscard]] LumaPlane<const std::uint8_t> luma() const;
    /// The 2x2 block that the pixel lies in.
    [[nodiscard]] Colour colour_at(int x, int y) const;
};

/// Something that stands on the ground or floats: an upright board that always faces the camera.
struct Landmark {
    GroundPoint at;
    double width_m = 6;
    double height_m = 20;
    Colour colour;
};

/// The colour of the ground or the sea at a point, by its checker of 10 m cells; every 16th cell or so is
/// bright.
[[nodiscard]] Colour ground_colour(GroundPoint at);

/// The world's fixed landmarks.
[[nodiscard]] std::span<const Landmark> landmarks();

/// Sky, horizon, ground and sea, then `things` from far to near. Cost is about a ray for each 2x2 block of
/// pixels.
void draw_world(Picture& picture, const Truth& truth, std::span<const Landmark> things);

} // namespace masthead::sim
