// Sliding windows of sign-in tries.
#include "server/auth/sign_in_limit.hpp"

namespace masthead::auth {
namespace {

std::string key_of(const std::string& address, const std::string& name) { return address + " " + name; }

} // namespace

std::optional<std::chrono::seconds> SignInLimit::wait_for(const std::string& key, std::size_t limit,
                                                          Utc now) {
    const auto found = tries_.find(key);
    if (found == tries_.end()) {
        return std::nullopt;
    }
    auto& times = found->second.times;
    while (!times.empty() && now - times.front() >= limits_.window) {
        times.pop_front();
    }
    if (times.size() < limit) {
        return std::nullopt;
    }
    const auto until = times[times.size() - limit] + limits_.window;
    return std::chrono::ceil<std::chrono::seconds>(until - now);
}

std::optional<std::chrono::seconds> SignInLimit::wait(const std::string& address, const std::string& name,
                                                      Utc now) {
    const auto for_name = wait_for(key_of(address, name), limits_.failures_per_name, now);
    const auto for_address = wait_for(address, limits_.failures_per_address, now);
    return std::max(for_name, for_address);
}

void SignInLimit::tried(const std::string& address, const std::string& name, Utc now) {
    forget_old(now);
    tries_[key_of(address, name)].times.push_back(now);
    tries_[address].times.push_back(now);
}

void SignInLimit::succeeded(const std::string& address, const std::string& name) {
    const auto own = tries_.extract(key_of(address, name));
    const auto all = tries_.find(address);
    if (!own.empty() && all != tries_.end()) {
        for (const Utc time : own.mapped().times) {
            std::erase(all->second.times, time);
        }
    }
}

void SignInLimit::forget_old(Utc now) {
    if (tries_.size() < limits_.max_entries) {
        return;
    }
    std::erase_if(tries_, [&](const auto& entry) {
        return entry.second.times.empty() || now - entry.second.times.back() >= limits_.window;
    });
    while (tries_.size() >= limits_.max_entries) {
        tries_.erase(tries_.begin());
    }
}

} // namespace masthead::auth
