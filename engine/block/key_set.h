// Keys of words, each once: what a filter is made of.
#pragma once

#include <cstdint>
#include <vector>

namespace nmstore::block {

// Made for a hundred thousand additions of which few are new.
class KeySet {
  public:
    KeySet() : slots_(kFirstSlots) {}
    void add(std::uint64_t key);
    void expect(std::size_t keys);      // makes room for so many while it is empty
    std::vector<std::uint64_t> take();  // in no order; the set is empty then

  private:
    static constexpr std::size_t kFirstSlots = 1024;
    void grow();

    std::vector<std::uint64_t> slots_;  // 0: free; a power of two of them
    std::size_t used_ = 0;
    bool has_zero_ = false;
};

}  // namespace nmstore::block
