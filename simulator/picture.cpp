// The rasteriser: one ray for each 2x2 block of pixels, stepped along rows, and boards painted over it.
#include "simulator/picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace masthead::sim {

namespace {

using Vector = std::array<double, 3>; // north, east, down

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// The image plane one unit before the camera: a pixel's ray is forward + x * right + y * down, x and y in
/// -1..1. Made from ray_ned(), so that pictures and footprints share their geometry.
struct ImagePlane {
    Vector forward;
    Vector right;
    Vector down;
};

ImagePlane image_plane(const CameraPose& pose) {
    ImagePlane plane{ray_ned(pose, 0, 0), {}, {}};
    const auto edge = [&plane](const Vector& ray) {
        const double scale = 1 / dot(ray, plane.forward);
        return Vector{ray[0] * scale - plane.forward[0], ray[1] * scale - plane.forward[1],
                      ray[2] * scale - plane.forward[2]};
    };
    plane.right = edge(ray_ned(pose, 1, 0));
    plane.down = edge(ray_ned(pose, 0, 1));
    return plane;
}

constexpr double kCellMetres = 10;
constexpr Colour kSkyHigh{150, 160, 108};
constexpr Colour kHaze{190, 134, 124};

/// The shore by east coordinate, sampled once: the rasteriser asks for it at every block.
class Shore {
  public:
    Shore() {
        for (std::size_t i = 0; i < north_m_.size(); ++i) {
            north_m_[i] = static_cast<float>(coast_north_m((static_cast<double>(i) - kHalf) * kStep));
        }
    }
    [[nodiscard]] float north_m(float east_m) const {
        const int i = static_cast<int>(east_m / static_cast<float>(kStep)) + kHalf;
        return north_m_[static_cast<std::size_t>(std::clamp(i, 0, 2 * kHalf - 1))];
    }

  private:
    static constexpr int kHalf = 1500;
    static constexpr double kStep = 2;
    std::array<float, 2 * kHalf> north_m_{};
};

const Shore& shore() {
    static const Shore kShore;
    return kShore;
}

constexpr std::array<Colour, 8> kBright = {{{200, 90, 150},
                                            {180, 60, 140},
                                            {120, 90, 200},
                                            {210, 100, 160},
                                            {90, 190, 100},
                                            {225, 128, 128},
                                            {60, 128, 128},
                                            {150, 50, 90}}};
constexpr std::array<Colour, 4> kPlain = {{{112, 118, 122}, {92, 116, 124}, {84, 150, 112}, {70, 152, 112}}};

/// As ground_colour(), on floats.
Colour cell_colour(float north_m, float east_m) {
    constexpr int kBias = 1 << 20; // makes the truncation a floor for every point that is drawn
    const int row = static_cast<int>(north_m * static_cast<float>(1 / kCellMetres) + kBias) - kBias;
    const int column = static_cast<int>(east_m * static_cast<float>(1 / kCellMetres) + kBias) - kBias;
    const auto mixed =
        static_cast<std::uint32_t>(row) * 0x9e3779b1u ^ static_cast<std::uint32_t>(column) * 0x85ebca77u;
    const std::uint32_t hash = (mixed ^ mixed >> 15) * 0x2c1b3c6du >> 16;
    const bool sea = north_m > shore().north_m(east_m);
    if ((hash & (sea ? 63u : 15u)) == 0) {
        return kBright[hash >> 6 & 7];
    }
    return kPlain[(sea ? 2u : 0u) + ((row + column) & 1)];
}

Colour faded(Colour colour, int haze_256) {
    const auto mix = [haze_256](int from, int to) {
        return static_cast<std::uint8_t>(from + (to - from) * haze_256 / 256);
    };
    return {mix(colour.y, kHaze.y), mix(colour.u, kHaze.u), mix(colour.v, kHaze.v)};
}

void put_block(Picture& picture, int column, int row, Colour colour) {
    const auto width = static_cast<std::size_t>(picture.width);
    const std::size_t pixel =
        2 * static_cast<std::size_t>(row) * width + 2 * static_cast<std::size_t>(column);
    std::uint8_t* luma = picture.bytes.data() + pixel;
    luma[0] = luma[1] = luma[width] = luma[width + 1] = colour.y;
    const std::size_t chroma = static_cast<std::size_t>(row) * (width / 2) + static_cast<std::size_t>(column);
    const std::size_t pixels = width * static_cast<std::size_t>(picture.height);
    picture.bytes[pixels + chroma] = colour.u;
    picture.bytes[pixels + pixels / 4 + chroma] = colour.v;
}

void draw_row(Picture& picture, int row, const ImagePlane& plane, const Truth& truth) {
    const int columns = picture.width / 2;
    const double y = (2.0 * row + 1) / (picture.height / 2.0) - 1;
    const double step = 2.0 / columns;
    const auto start = [&](std::size_t axis) {
        return static_cast<float>(plane.forward[axis] + (step / 2 - 1) * plane.right[axis] +
                                  y * plane.down[axis]);
    };
    float north = start(0), east = start(1), down = start(2);
    const auto north_step = static_cast<float>(step * plane.right[0]);
    const auto east_step = static_cast<float>(step * plane.right[1]);
    const auto down_step = static_cast<float>(step * plane.right[2]);
    const auto height_m = static_cast<float>(truth.camera.height_above_ground_m);
    const auto at_north = static_cast<float>(truth.at.north_m), at_east = static_cast<float>(truth.at.east_m);
    constexpr float kFarMetres = 6000;
    const float least_down = height_m / kFarMetres;
    for (int column = 0; column < columns; ++column) {
        if (down > least_down) {
            const float along_m = height_m / down;
            const Colour colour = cell_colour(at_north + north * along_m, at_east + east * along_m);
            const int haze =
                along_m < 250 ? 0 : std::min(256, static_cast<int>((along_m - 250) * (256.f / 1400)));
            put_block(picture, column, row, haze == 0 ? colour : faded(colour, haze));
        } else {
            const int height_256 = std::clamp(static_cast<int>(-down * 900), 0, 256);
            put_block(picture, column, row, faded(kSkyHigh, 256 - height_256));
        }
        north += north_step;
        east += east_step;
        down += down_step;
    }
}

struct Pixel {
    double x = 0, y = 0;
};

/// A board's outline on the picture and how far away it stands.
struct Board {
    Pixel foot, head;
    double width_px = 0;
    double distance_m = 0;
    Colour colour;
};

void draw_board(Picture& picture, const Board& board) {
    const int columns = picture.width / 2;
    const int rows = picture.height / 2;
    // The upright may lean (a rolled camera): each row's centre lies on the line from head to foot.
    const bool upside_down = board.head.y > board.foot.y;
    const Pixel top = upside_down ? board.foot : board.head;
    const Pixel bottom = upside_down ? board.head : board.foot;
    const double half = std::max(1.0, board.width_px / 2);
    const int first = std::max(0, static_cast<int>(std::floor(top.y / 2)));
    const int last = std::min(rows - 1, static_cast<int>(std::floor(bottom.y / 2)));
    const int haze = std::clamp(static_cast<int>((board.distance_m - 250) * 256 / 1400), 0, 200);
    const Colour colour = faded(board.colour, haze);
    for (int row = first; row <= last; ++row) {
        const double part =
            bottom.y - top.y < 1e-6 ? 0 : std::clamp((2.0 * row + 1 - top.y) / (bottom.y - top.y), 0.0, 1.0);
        const double middle = top.x + part * (bottom.x - top.x);
        const double from = std::clamp((middle - half) / 2, 0.0, static_cast<double>(columns));
        const double to = std::clamp((middle + half) / 2, 0.0, static_cast<double>(columns));
        for (int column = static_cast<int>(from); column < static_cast<int>(std::ceil(to)); ++column) {
            put_block(picture, column, row, colour);
        }
    }
}

std::vector<Board> boards(const Picture& picture, const ImagePlane& plane, const Truth& truth,
                          std::span<const Landmark> things) {
    const double right2 = dot(plane.right, plane.right);
    const double down2 = dot(plane.down, plane.down);
    std::vector<Board> seen;
    for (const Landmark& thing : things) {
        const double north = thing.at.north_m - truth.at.north_m, east = thing.at.east_m - truth.at.east_m;
        const auto project = [&](double height_m) -> std::optional<std::array<double, 3>> {
            const Vector to{north, east, truth.camera.height_above_ground_m - height_m};
            const double depth = dot(to, plane.forward);
            if (depth < 2) {
                return std::nullopt;
            }
            return {{(dot(to, plane.right) / right2 / depth + 1) * picture.width / 2,
                     (dot(to, plane.down) / down2 / depth + 1) * picture.height / 2, depth}};
        };
        const auto foot = project(0), head = project(thing.height_m);
        if (foot && head) {
            const double width_px = thing.width_m / (*foot)[2] / std::sqrt(right2) * picture.width / 2;
            seen.push_back(
                {{(*foot)[0], (*foot)[1]}, {(*head)[0], (*head)[1]}, width_px, (*foot)[2], thing.colour});
        }
    }
    std::sort(seen.begin(), seen.end(),
              [](const Board& a, const Board& b) { return a.distance_m > b.distance_m; });
    return seen;
}

} // namespace

Picture::Picture(int width_px, int height_px)
    : width(width_px), height(height_px), bytes(static_cast<std::size_t>(width_px) * height_px * 3 / 2) {}

LumaPlane<std::uint8_t> Picture::luma() { return {bytes, width, height, width}; }
LumaPlane<const std::uint8_t> Picture::luma() const { return {bytes, width, height, width}; }

Colour Picture::colour_at(int x, int y) const {
    const std::size_t pixels = static_cast<std::size_t>(width) * height;
    const std::size_t chroma = static_cast<std::size_t>(y / 2) * (width / 2) + x / 2;
    return {bytes[static_cast<std::size_t>(y) * width + x], bytes[pixels + chroma],
            bytes[pixels + pixels / 4 + chroma]};
}

Colour ground_colour(GroundPoint at) {
    return cell_colour(static_cast<float>(at.north_m), static_cast<float>(at.east_m));
}

std::span<const Landmark> landmarks() {
    static constexpr std::array<Landmark, 8> kLandmarks = {{
        {{0, 0}, 4, 3, {235, 128, 128}},      // the home pad's hut
        {{60, -120}, 5, 45, {150, 100, 190}}, // red mast
        {{110, 60}, 14, 18, {200, 110, 150}},
        {{-60, 40}, 20, 12, {120, 110, 140}},
        {{165, 150}, 6, 30, {225, 128, 128}}, // lighthouse
        {{310, -40}, 3, 6, {160, 60, 160}},   // yellow buoy
        {{420, 260}, 3, 6, {110, 100, 200}},  // red buoy
        {{560, -300}, 3, 6, {120, 90, 80}},   // green buoy
    }};
    return kLandmarks;
}

void draw_world(Picture& picture, const Truth& truth, std::span<const Landmark> things) {
    const ImagePlane plane = image_plane(truth.camera);
    for (int row = 0; row < picture.height / 2; ++row) {
        draw_row(picture, row, plane, truth);
    }
    for (const Board& board : boards(picture, plane, truth, things)) {
        draw_board(picture, board);
    }
}

} // namespace masthead::sim
