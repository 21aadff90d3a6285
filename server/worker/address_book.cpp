#include "server/worker/address_book.hpp"

#include <algorithm>

namespace masthead::worker {

void AddressBook::add(Seat seat) { seats_.push_back(std::move(seat)); }

std::optional<std::string> AddressBook::vehicle_of(const LinkAddress& address) {
    auto seat = std::ranges::find(seats_, std::optional(address), &Seat::address);
    if (seat == seats_.end()) {
        seat = std::ranges::find(seats_, std::optional<LinkAddress>(), &Seat::address);
        if (seat == seats_.end()) {
            return std::nullopt;
        }
        seat->address = address;
    }
    return seat->vehicle;
}

std::optional<LinkAddress> AddressBook::address_of(const std::string& vehicle) const {
    const auto seat = std::ranges::find(seats_, vehicle, &Seat::vehicle);
    return seat == seats_.end() ? std::nullopt : seat->address;
}

} // namespace masthead::worker
