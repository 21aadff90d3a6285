// Who on a link is which vehicle. Pure.
#pragma once

#include "plugins/links/link.hpp"

#include <optional>
#include <string>
#include <vector>

namespace masthead::worker {

struct Seat {
    std::string vehicle;
    std::optional<LinkAddress> address; // absent: the first who speaks and is nobody else
};

class AddressBook {
  public:
    void add(Seat seat);
    /// The vehicle that `address` is; a seat without an address is taken by the first speaker nobody else is.
    /// Nothing: traffic.
    [[nodiscard]] std::optional<std::string> vehicle_of(const LinkAddress& address);
    /// Nothing while the vehicle has not spoken and has no configured address, or is not on this link.
    [[nodiscard]] std::optional<LinkAddress> address_of(const std::string& vehicle) const;

  private:
    std::vector<Seat> seats_;
};

} // namespace masthead::worker
