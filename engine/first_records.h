// The first record of another hub's own that this hub's journal still has: from there on it has all of them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/change_feed.h"
#include "nmstore/result.h"

namespace nmstore {

// Goes through each record once for a hub that is asked for, however often it is. One thread at a time.
class FirstRecords {
  public:
    // Its number at that hub; nullopt: there is none. What came through a filter does not count.
    Result<std::optional<ChangeNumber>> of(const ChangeFeed& changes, const std::string& hub);

  private:
    struct Place {
        ChangeNumber next = 0;  // of this hub's journal: what is before it has been gone through
        ChangeNumber at = 0;    // likewise: where the first one is
        std::optional<ChangeNumber> there{};
    };
    std::map<std::string, Place> places_;
};

}  // namespace nmstore
