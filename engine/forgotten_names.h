// Names in index rows of what is no longer there. Index rows say which clients, logs and plugins there are
// and when each was last seen; a retention that lets the last day of one go may take its name out as well.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "engine/core.h"
#include "nmstore/line.h"

namespace nmstore {

// A name that was seen less than this before is not forgotten: its owner is alive, and has only nothing to
// tell.
inline constexpr std::int64_t kForgetAfterMs = std::int64_t{24} * 3600 * 1000;

// Whose rows went.
class DroppedNames {
  public:
    void add(const LogRow& row);
    // Takes out whom this row belongs to: something is left.
    void keep(const LogRow& row);
    bool empty() const { return clients_.empty() && names_.empty(); }

    struct Name {
        std::string row;   // `{client}:logs`, `{client}:plugins`
        std::string name;  // as in keys of day rows
        auto operator<=>(const Name&) const = default;
    };
    const std::set<std::string>& clients() const { return clients_; }
    const std::set<Name>& names() const { return names_; }

  private:
    std::set<std::string> clients_;
    std::set<Name> names_;
};

// Removes those of which nothing is left from the index rows of kIndexFamily; how many.
Result<std::uint64_t> forget_names(Core& core, DroppedNames dropped);

}  // namespace nmstore
