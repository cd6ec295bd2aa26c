#include "engine/block/text_hash.h"

#include <random>

namespace nmstore::block {

std::uint64_t text_hash_seed() {
    static const std::uint64_t seed = [] {
        std::random_device device;
        return std::uint64_t{device()} << 32 | device();
    }();
    return seed;
}

}  // namespace nmstore::block
