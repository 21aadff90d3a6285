#include "server/control/groups.hpp"

#include <gmock/gmock.h>

using namespace masthead::control;
using testing::ElementsAre;

namespace {

WorkerVehicle vehicle(std::string id, const char* link = nullptr, const char* control = nullptr) {
    WorkerVehicle vehicle;
    vehicle.id = std::move(id);
    if (link) {
        vehicle.link = WorkerLink{link, {}};
    }
    if (control) {
        vehicle.control = WorkerLink{control, {}};
    }
    return vehicle;
}

std::map<std::string, std::vector<std::string>>
ids(const std::map<std::string, std::vector<WorkerVehicle>>& groups) {
    std::map<std::string, std::vector<std::string>> ids;
    for (const auto& [key, vehicles] : groups) {
        for (const WorkerVehicle& one : vehicles) {
            ids[key].push_back(one.id);
        }
    }
    return ids;
}

} // namespace

TEST(Groups, GivesEachVehicleWithoutALinkItsOwnWorker) {
    EXPECT_THAT(ids(group({vehicle("a"), vehicle("b")})),
                ElementsAre(testing::Pair("vehicle:a", ElementsAre("a")),
                            testing::Pair("vehicle:b", ElementsAre("b"))));
}

TEST(Groups, PutsVehiclesThatShareALinkIntoOneWorker) {
    const auto groups =
        ids(group({vehicle("a", "mavlink+udp://0.0.0.0:14550"), vehicle("b", "nmea+tcp://h:1"),
                   vehicle("c", "mavlink+udp://0.0.0.0:14550")}));
    EXPECT_THAT(groups, ElementsAre(testing::Pair("link:mavlink+udp://0.0.0.0:14550", ElementsAre("a", "c")),
                                    testing::Pair("link:nmea+tcp://h:1", ElementsAre("b"))));
}

TEST(Groups, FollowsSharedLinksThroughOtherVehicles) {
    const auto groups = ids(group({vehicle("a", "x"), vehicle("b", "z"), vehicle("c", "x", "y"),
                                   vehicle("d", "y"), vehicle("e", "z")}));
    EXPECT_THAT(groups, ElementsAre(testing::Pair("link:x", ElementsAre("a", "c", "d")),
                                    testing::Pair("link:z", ElementsAre("b", "e"))));
}

TEST(Groups, HasNoWorkerForNoVehicles) { EXPECT_TRUE(group({}).empty()); }
