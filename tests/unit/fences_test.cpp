// Which geofences may be, and where a point stands to them.
#include "plugins/glib/json.hpp"
#include "server/fences/fence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace masthead::fences {
namespace {

using testing::HasSubstr;

std::string polygon(const std::string& ring, const std::string& more = "") {
    return R"({"name":"Harbour","rule":"keep_in","geometry":{"type":"Polygon","coordinates":[)" + ring +
           "]}" + more + "}";
}

std::string circle(double longitude, double latitude, double radius_m) {
    json::Writer out;
    out.begin_object().member("name", "Mast").member("rule", "keep_out").member("radius_m", radius_m);
    out.key("geometry").begin_object().member("type", "Point").key("coordinates").begin_array();
    out.value(longitude).value(latitude).end_array().end_object();
    return out.end_object().release();
}

std::string refusal(const std::string& text) {
    const auto fence = parse_fence(text);
    return fence ? "" : fence.error().message;
}

const char* const kSquare = "[[24.70,59.40],[24.72,59.40],[24.72,59.41],[24.70,59.41],[24.70,59.40]]";

TEST(Geofence, IsReadAndWrittenBackTheSame) {
    const auto fence = parse_fence(
        polygon(kSquare, R"(,"vehicle":"kestrel","enabled":false,"altitude":{"datum":"agl","max_m":120})"));
    ASSERT_TRUE(fence) << fence.error().message;
    EXPECT_EQ(fence->vehicle, "kestrel");
    EXPECT_FALSE(fence->enabled);
    ASSERT_TRUE(fence->altitude);
    EXPECT_EQ(fence->altitude->datum, Datum::agl);
    EXPECT_FALSE(fence->altitude->min_m);
    const auto shape = shape_from(geometry_json(fence->shape), std::nullopt);
    ASSERT_TRUE(shape);
    EXPECT_EQ(std::get<Polygon>(*shape).ring, std::get<Polygon>(fence->shape).ring);
    EXPECT_THAT(to_json(*fence), HasSubstr(R"("altitude":{"datum":"agl","max_m":120})"));
    EXPECT_THAT(to_json(*parse_fence(circle(24.7, 59.4, 200))), HasSubstr(R"("radius_m":200)"));
}

TEST(Geofence, ThatCrossesItselfIsRefusedWithItsSides) {
    EXPECT_THAT(
        refusal(polygon("[[0,0],[1,1],[1,0],[0,1],[0,0]]")),
        HasSubstr("crosses itself: the side from point 1 to point 2 and the side from point 3 to point 4"));
    EXPECT_THAT(refusal(polygon("[[0,0],[2,0],[2,2],[1,0],[0,2],[0,0]]")), HasSubstr("crosses itself"))
        << "a corner that touches another side";
    EXPECT_THAT(refusal(polygon("[[0,0],[2,0],[1,0],[1,1],[0,0]]")),
                HasSubstr("turns back on itself at point 2"));
}

TEST(Geofence, OverTheAntimeridianIsRefusedWithTheAdviceToSplitIt) {
    EXPECT_THAT(refusal(polygon("[[179,10],[-179,10],[-179,11],[179,11],[179,10]]")),
                AllOf(HasSubstr("between point 1 and point 2"), HasSubstr("split it there into two fences")));
    EXPECT_THAT(refusal(polygon("[[179,10],[181,10],[181,11],[179,11],[179,10]]")),
                AllOf(HasSubstr("point 2"), HasSubstr("must be split there into two")));
    EXPECT_THAT(refusal(circle(179.999, 10, 5000)), HasSubstr("antimeridian"));
}

TEST(Geofence, ThatIsNoneIsRefusedWithTheReason) {
    const std::pair<std::string, const char*> bad[] = {
        {polygon("[[0,0],[1,0],[0,0]]"), "3 points"},
        {polygon("[[0,0],[1,0],[1,1],[0,1]]"), "open: point 4 must be point 1 again"},
        {polygon("[[0,0],[1,0],[1,0],[0,1],[0,0]]"), "point 3 of the polygon is the same"},
        {polygon("[[0,0],[1,91],[1,1],[0,1],[0,0]]"), "point 2 of the polygon has no latitude"},
        {polygon(R"([[0,0],[1,"x"],[1,1],[0,1],[0,0]])"),
         "point 2 of the polygon is not [longitude, latitude]"},
        {polygon("[[0,0],[0.000001,0],[0.000001,0.000001],[0,0.000001],[0,0]]"), "no area"},
        {polygon(std::string(kSquare) + ",[[24.705,59.405],[24.706,59.405],[24.706,59.406],[24.705,59.405]]"),
         "of one ring"},
        {polygon(kSquare, R"(,"altitude":{"datum":"msl"})"), "'min_m', 'max_m' or both"},
        {polygon(kSquare, R"(,"altitude":{"datum":"qnh","max_m":1})"), "msl, hae or agl"},
        {polygon(kSquare, R"(,"altitude":{"datum":"msl","min_m":50,"max_m":50})"), "below 'max_m'"},
        {polygon(kSquare, R"(,"colour":"red")"), "no member 'colour'"},
        {polygon(kSquare, R"(,"radius_m":10)"), "belongs to a Point"},
        {circle(24.7, 59.4, 0), "'radius_m' must be from 1"},
        {circle(24.7, 59.4, 1e9), "'radius_m' must be from 1"},
        {circle(24.7, 89.9999, 5000), "pole"},
        {circle(24.7, 99, 5), "middle"},
        {R"({"name":"","rule":"keep_in","geometry":{}})", "'name'"},
        {R"({"name":"x","rule":"keep","geometry":{}})", "'rule'"},
        {R"({"name":"x","rule":"keep_in"})", "'geometry'"},
        {R"({"name":"x","rule":"keep_in","geometry":{"type":"LineString","coordinates":[]}})",
         "Polygon, or a Point"},
    };
    for (const auto& [text, why] : bad) {
        EXPECT_THAT(refusal(text), HasSubstr(why)) << text;
    }
}

TEST(Geofence, OfTooManyPointsIsRefused) {
    std::string ring = "[";
    for (int point = 0; point < 501; ++point) {
        ring += "[" + std::to_string(point * 0.001) + ",0],";
    }
    EXPECT_THAT(refusal(polygon(ring + "[0,1],[0,0]]")), HasSubstr("more than the 500"));
}

TEST(Geofence, KnowsHowDeepAPointIsWithin) {
    const auto square = parse_fence(polygon(kSquare)).value().shape;
    EXPECT_NEAR(depth_m(square, {59.405, 24.701}), 56.6, 0.6); // 0.001 degrees of longitude at this latitude
    EXPECT_NEAR(depth_m(square, {59.409, 24.71}), 111.2, 0.6);
    EXPECT_NEAR(depth_m(square, {59.411, 24.71}), -111.2, 0.6);
    EXPECT_NEAR(depth_m(square, {59.411, 24.7215}), -139.8, 2); // off a corner
    const Shape round = Circle{{59.4, 24.7}, 500};
    EXPECT_NEAR(depth_m(round, {59.4, 24.7}), 500, 0.1);
    EXPECT_NEAR(depth_m(round, {59.41, 24.7}), 500 - 1112, 5);
    // One that is not convex: between its two capes is outside.
    const Shape bay =
        Polygon{{{0, 0}, {0.01, 0}, {0.01, 0.01}, {0.002, 0.005}, {0.01, 0.02}, {0, 0.02}, {0, 0}}};
    EXPECT_GT(depth_m(bay, {0.001, 0.005}), 0);
    EXPECT_LT(depth_m(bay, {0.006, 0.01}), 0);
    EXPECT_GT(depth_m(bay, {0.006, 0.006}), 0);
    EXPECT_GT(depth_m(bay, {0.006, 0.002}), 0);
}

TEST(Geofence, AgreesWithAPlainCountOfCrossingsAtRandomPoints) {
    // A star round the origin: inside is where the radius in that direction is larger.
    std::mt19937 random(7);
    std::uniform_real_distribution<double> radius(0.002, 0.02);
    std::uniform_real_distribution<double> anywhere(-0.02, 0.02);
    for (int round = 0; round < 20; ++round) {
        std::vector<GeoPoint> ring;
        for (int corner = 0; corner < 12; ++corner) {
            const double turn = corner * 3.14159265358979 / 6;
            const double r = radius(random);
            ring.push_back({r * std::sin(turn), r * std::cos(turn)});
        }
        ring.push_back(ring.front());
        ASSERT_TRUE(check_ring(ring));
        for (int n = 0; n < 200; ++n) {
            const GeoPoint point{anywhere(random), anywhere(random)};
            // The triangle from the origin in whose direction the point lies.
            bool inside = false;
            for (std::size_t side = 0; side + 1 < ring.size(); ++side) {
                const auto cross = [](GeoPoint a, GeoPoint b) {
                    return a.longitude_deg * b.latitude_deg - a.latitude_deg * b.longitude_deg;
                };
                const GeoPoint a = ring[side];
                const GeoPoint b = ring[side + 1];
                const GeoPoint ab{b.latitude_deg - a.latitude_deg, b.longitude_deg - a.longitude_deg};
                const GeoPoint ap{point.latitude_deg - a.latitude_deg, point.longitude_deg - a.longitude_deg};
                inside = inside || (cross(a, point) >= 0 && cross(point, b) >= 0 && cross(ab, ap) >= 0);
            }
            EXPECT_EQ(depth_m(Polygon{ring}, point) > 0, inside)
                << point.latitude_deg << " " << point.longitude_deg;
        }
    }
}

TEST(Geofence, CountsAltitudesInItsOwnDatumOrByTheAreaAlone) {
    Fence fence =
        parse_fence(polygon(kSquare, R"(,"altitude":{"datum":"agl","min_m":10,"max_m":120})")).value();
    const GeoPoint inside{59.405, 24.71};
    EXPECT_NEAR(breach_m(fence, {inside, {}, {}, 130}), 10, 0.01);
    EXPECT_NEAR(breach_m(fence, {inside, {}, {}, 115}), -5, 0.01);
    EXPECT_NEAR(breach_m(fence, {inside, {}, {}, 4}), 6, 0.01);
    EXPECT_LT(breach_m(fence, {inside, 500, {}, {}}), 0)
        << "what is above the sea says nothing of the ground";
    fence.rule = Rule::keep_out;
    EXPECT_GT(breach_m(fence, {inside, 500, {}, {}}), 0) << "the area alone";
    EXPECT_LT(breach_m(fence, {inside, {}, {}, 130}), 0);
    EXPECT_LT(breach_m(fence, {{59.5, 24.71}, {}, {}, 50}), 0);
}

} // namespace
} // namespace masthead::fences
