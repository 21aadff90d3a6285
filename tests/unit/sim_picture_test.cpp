// Pictures: the block in the corner, and that what is drawn is where the footprint says.
#include "plugins/glib/json.hpp"
#include "simulator/picture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace masthead::sim {
namespace {

constexpr Utc kNow{1'795'336'061'000'000};

bool operator==(const Colour& a, const Colour& b) { return a.y == b.y && a.u == b.u && a.v == b.v; }

TEST(SimBarcode, ComesBackAsItWasDrawn) {
    for (const int cell_px : {6, 8, 12}) {
        Picture picture(640, 360);
        const Barcode barcode{0xfedc'ba98, Utc{0x0123'4567'89ab'cdef}};
        draw_barcode(picture.luma(), barcode, cell_px);
        EXPECT_EQ(read_barcode(std::as_const(picture).luma(), cell_px), barcode);
    }
}

TEST(SimBarcode, RefusesPlainPicturesAndWrongBits) {
    for (const int luma : {0, 16, 128, 235, 255}) {
        Picture picture(640, 360);
        std::fill(picture.bytes.begin(), picture.bytes.end(), static_cast<std::uint8_t>(luma));
        EXPECT_FALSE(read_barcode(std::as_const(picture).luma()));
    }
    Picture picture(640, 360);
    draw_barcode(picture.luma(), {7, kNow});
    for (int row = 0; row < kBarcodeCellPx; ++row) { // invert one cell
        for (int column = 0; column < kBarcodeCellPx; ++column) {
            auto& luma = picture.bytes[static_cast<std::size_t>(24 + row) * 640 + 40 + column];
            luma = static_cast<std::uint8_t>(251 - luma);
        }
    }
    EXPECT_FALSE(read_barcode(std::as_const(picture).luma()));
}

TEST(SimBarcode, HasTheCheckValueOfItsCrc) {
    constexpr std::string_view kDigits = "123456789";
    EXPECT_EQ(crc16(std::span(reinterpret_cast<const std::uint8_t*>(kDigits.data()), kDigits.size())),
              0x29b1);
}

TEST(SimBarcode, HasTheGeometryOfItsSchema) {
    std::ifstream file(MASTHEAD_SOURCE "/schema/barcode.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto schema = json::Value::parse(text.str()).value();
    EXPECT_EQ(schema.integer("columns").value(), kBarcodeColumns);
    EXPECT_EQ(schema.integer("rows").value(), kBarcodeRows);
    EXPECT_EQ(schema.integer("quiet_cells").value(), kBarcodeQuietCells);
    EXPECT_EQ(schema.integer("cell_px").value(), kBarcodeCellPx);
    EXPECT_EQ(schema.integer("black_luma").value(), kBarcodeBlack);
    EXPECT_EQ(schema.integer("white_luma").value(), kBarcodeWhite);
    std::int64_t bits = 0;
    for (const auto& field : schema.array("fields").value().items()) {
        bits += field.integer("bits").value();
    }
    EXPECT_EQ(bits, kBarcodeColumns * kBarcodeRows);
}

Truth looking(Kind kind, int second) {
    const Vehicle drone(drone_shape(16.0 / 9), Place{}, drone_mission(Figure::lanes), limits_of(Kind::drone));
    const Vehicle vessel(vessel_shape(16.0 / 9), Place{}, vessel_mission(), limits_of(Kind::vessel));
    return (kind == Kind::drone ? drone : vessel).at(kNow + std::chrono::seconds(second));
}

/// The ground point that footprint() says an image point shows, in the world's own metres.
std::optional<GroundPoint> ground_at(const Truth& truth, double x, double y) {
    const auto ray = ray_ned(truth.camera, x, y);
    if (ray[2] < 0.15) {
        return std::nullopt; // far off, where a pixel is larger than a cell
    }
    const double along_m = truth.camera.height_above_ground_m / ray[2];
    return GroundPoint{truth.at.north_m + ray[0] * along_m, truth.at.east_m + ray[1] * along_m};
}

/// True when the whole neighbourhood has one colour, so that half a block does not matter.
bool plain_around(GroundPoint at, double m) {
    const Colour here = ground_colour(at);
    for (const auto& [north, east] :
         {std::pair{m, m}, {m, -m}, {-m, m}, {-m, -m}, {m, 0.}, {-m, 0.}, {0., m}, {0., -m}}) {
        if (!(ground_colour({at.north_m + north, at.east_m + east}) == here)) {
            return false;
        }
    }
    return true;
}

TEST(SimPicture, ShowsAtTheFrameCentreWhatLiesAtTheToldFrameCentre) {
    int checked = 0;
    for (const Kind kind : {Kind::drone, Kind::vessel}) {
        for (int second = 0; second < 300; ++second) {
            const Truth truth = looking(kind, second);
            if (!truth.sample.frame_center || *truth.sample.slant_range_m > 200) {
                continue;
            }
            const auto [north_m, east_m] = offset_m(Place{}.home, *truth.sample.frame_center);
            if (!plain_around({north_m, east_m}, 1.5)) {
                continue;
            }
            Picture picture(640, 360);
            draw_world(picture, truth, {});
            EXPECT_TRUE(picture.colour_at(320, 180) == ground_colour({north_m, east_m}))
                << (kind == Kind::drone ? "drone" : "vessel") << " at second " << second;
            ++checked;
        }
    }
    EXPECT_GT(checked, 100);
}

TEST(SimPicture, ShowsEveryGroundPointWhereItsRayPoints) {
    int checked = 0;
    for (int second = 0; second < 120; second += 4) {
        const Truth truth = looking(Kind::drone, second);
        Picture picture(640, 360);
        draw_world(picture, truth, {});
        for (int x = 21; x < 640; x += 60) {
            for (int y = 21; y < 360; y += 40) {
                const auto ground = ground_at(truth, x / 320.0 - 1, y / 180.0 - 1);
                const double range_m =
                    ground ? std::hypot(ground->north_m - truth.at.north_m, ground->east_m - truth.at.east_m)
                           : 1e9;
                if (range_m < 200 && plain_around(*ground, 2.5)) {
                    EXPECT_TRUE(picture.colour_at(x, y) == ground_colour(*ground))
                        << "pixel " << x << "," << y;
                    ++checked;
                }
            }
        }
    }
    EXPECT_GT(checked, 300);
}

TEST(SimPicture, DrawsALandmarkWhereItStands) {
    const Colour magenta{100, 220, 220};
    Truth truth = looking(Kind::drone, 10);
    const auto ground = ground_at(truth, 0.3, 0.2);
    ASSERT_TRUE(ground);
    Picture picture(640, 360);
    const Landmark post{*ground, 4, 10, magenta};
    draw_world(picture, truth, std::span(&post, 1));
    EXPECT_TRUE(picture.colour_at(640 * 65 / 100, 360 * 60 / 100 - 4) == magenta);
}

TEST(SimPicture, ShowsSkyAboveTheHorizon) {
    Truth truth = looking(Kind::vessel, 0);
    truth.camera.elevation_deg = 0;
    Picture picture(640, 360);
    draw_world(picture, truth, {});
    EXPECT_GT(picture.colour_at(600, 10).u, 140); // blue
    EXPECT_LT(picture.colour_at(320, 350).y, picture.colour_at(600, 100).y);
}

} // namespace
} // namespace masthead::sim
