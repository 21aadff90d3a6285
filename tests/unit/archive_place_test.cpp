// Places that recordings are searched for: what is taken from outside, and boxes that hold it.
#include "server/archive/place.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

using namespace masthead;
using namespace masthead::archive;
using testing::HasSubstr;

namespace {

std::string polygon(const std::string& ring) { return R"({"type":"Polygon","coordinates":[)" + ring + "]}"; }

std::vector<double> longitudes(const Area& area) {
    std::vector<double> all;
    for (const GeoPoint& corner : area.ring) {
        all.push_back(corner.longitude_deg);
    }
    return all;
}

void expect_refused(const std::string& geojson, const std::string& why) {
    const auto area = area_of(geojson);
    ASSERT_FALSE(area) << geojson;
    EXPECT_EQ(area.error().code, Code::invalid_argument);
    EXPECT_THAT(area.error().message, HasSubstr(why));
}

} // namespace

TEST(Area, HasTheCornersThatWereDrawn) {
    const auto area = area_of(polygon("[[10,55],[10.5,55,7],[10.5,56],[10,55]]"));
    ASSERT_TRUE(area) << area.error().message;
    EXPECT_EQ(area->ring, (std::vector<GeoPoint>{{55, 10}, {55, 10.5}, {56, 10.5}, {55, 10}}));
}

TEST(Area, GoesOnOverTheAntimeridianHoweverItIsWritten) {
    const auto east = area_of(polygon("[[179,0],[-179,0],[-179,1],[179,0]]"));
    const auto beyond = area_of(polygon("[[179,0],[181,0],[181,1],[179,0]]"));
    const auto turned_map = area_of(polygon("[[-181,0],[-179,0],[-179,1],[-181,0]]"));
    ASSERT_TRUE(east && beyond && turned_map);
    EXPECT_EQ(longitudes(*east), (std::vector<double>{-181, -179, -179, -181}));
    EXPECT_EQ(longitudes(*beyond), longitudes(*east));
    EXPECT_EQ(longitudes(*turned_map), longitudes(*east));
}

TEST(Area, OfATurnedMapIsTheSamePlace) {
    const auto area = area_of(polygon("[[370,55],[371,55],[371,56],[370,55]]"));
    ASSERT_TRUE(area);
    EXPECT_EQ(longitudes(*area), (std::vector<double>{10, 11, 11, 10}));
}

TEST(Area, ThatIsNoneIsRefusedWithASentence) {
    expect_refused("nonsense", "is no JSON");
    expect_refused("[]", "must be a GeoJSON Polygon");
    expect_refused(R"({"type":"Point","coordinates":[1,2]})", "must be a GeoJSON Polygon");
    expect_refused(R"({"type":"Polygon","coordinates":[]})", "of one ring");
    expect_refused(polygon("[[0,0],[4,0],[4,4],[0,0]],[[1,1],[2,1],[2,2],[1,1]]"), "without holes");
    expect_refused(polygon("[[0,0],[1,1],[0,0]]"), "from 4 to 500 positions, not 3");
    expect_refused(polygon("[[0,0],[1,0],[1,1],[0,1]]"), "must end with the position it begins with");
    expect_refused(polygon(R"([[0,0],["1",0],[1,1],[0,0]])"), "not longitude, latitude: [\"1\",0]");
    expect_refused(polygon("[[0,0],[1,91],[1,1],[0,0]]"), "not longitude, latitude: [1,91]");
    expect_refused(polygon("[[0,0],[1],[1,1],[0,0]]"), "not longitude, latitude: [1]");
}

TEST(Area, ThatIsTooLargeIsRefused) {
    expect_refused(polygon("[[0,0],[91,0],[91,1],[0,0]]"), "more than 90 degrees");
    expect_refused(polygon("[[0,80],[120,80],[240,80],[0,80]]"), "goes round a pole");
    std::string ring = "[0,0]";
    for (int i = 0; i < 500; ++i) {
        ring += ",[1,1]";
    }
    expect_refused(polygon("[" + ring + "]"), "not 501");
}

TEST(Circle, IsOnTheEarthAndOfModestSize) {
    EXPECT_TRUE(circle_of({90, -180}, 0));
    EXPECT_FALSE(circle_of({90.1, 0}, 0));
    EXPECT_FALSE(circle_of({0, 181}, 0));
    EXPECT_FALSE(circle_of({0, 0}, -1));
    EXPECT_FALSE(circle_of({0, 0}, 200'001));
}

TEST(BoxOf, HoldsTheWholeCircleAtAnyLatitude) {
    constexpr double kMetresPerDegree = 111'320; // of longitude, at the equator
    for (const double latitude : {0.0, 60.0, -80.0}) {
        const Box box = box_of(*circle_of({latitude, 20}, 10'000));
        const double wide = 10'000 / kMetresPerDegree / std::cos(latitude * std::numbers::pi / 180);
        EXPECT_LT(box.west, 20 - wide);
        EXPECT_GT(box.east, 20 + wide);
        EXPECT_LT(box.east, 20 + 1.3 * wide + 0.02);
        EXPECT_LT(box.south, latitude - 10'000 / 111'700.0);
        EXPECT_GT(box.north, latitude + 10'000 / 111'700.0);
    }
    const Box polar = box_of(*circle_of({89.95, 20}, 1'000));
    EXPECT_GE(polar.east - polar.west, 360);
}
