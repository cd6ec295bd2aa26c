// What happens before a store can be used: whose directory it is, what format it has, what must be finished.
#pragma once

#include <memory>

#include "engine/core.h"
#include "engine/owner_lock.h"
#include "nmstore/store.h"

namespace nmstore {

struct Opened {
    std::unique_ptr<OwnerLock> lock;  // none for a store that is only read
    std::unique_ptr<Core> core;
};

// See Store::open.
Result<Opened> open_core(const StoreOptions& options);

}  // namespace nmstore
