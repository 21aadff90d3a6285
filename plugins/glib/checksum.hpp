// SHA-256 of what comes in pieces.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <memory>

namespace masthead {

/// Thread: any one at a time.
class Sha256 {
  public:
    Sha256();
    void add(ByteSpan bytes);
    /// Of all so far, lower-case hexadecimal; nothing is added any more.
    [[nodiscard]] std::string hex() const;

  private:
    struct Free {
        void operator()(void* checksum) const noexcept;
    };
    std::unique_ptr<void, Free> checksum_;
};

} // namespace masthead
