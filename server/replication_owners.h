// Whose credentials speak for which other hub: those without the role admin speak for hubs that are bound to
// them, and for no others. An administrator binds them.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::server {

// Kept with the data. Any thread.
class ReplicationOwners {
  public:
    static constexpr std::size_t kMost = 1000;
    static constexpr std::size_t kMaxNameBytes = 256;

    explicit ReplicationOwners(Store& store) : store_(store) {}
    void load(const std::vector<Store::Note>& notes);

    std::optional<std::string> of(const std::string& hub) const;
    std::map<std::string, std::string> all() const;  // names by hub
    // The hub is the name's from now on, whosesoever it was. too_large: there are kMost.
    Result<void> bind(const std::string& hub, const std::string& name);
    Result<void> forget(const std::string& hub);

  private:
    Store& store_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string> owners_;
};

}  // namespace nmstore::server
