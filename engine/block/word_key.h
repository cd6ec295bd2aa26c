// Words as keys of a block's filter.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace nmstore::block {

// Where in a block a word is: in its directory (patterns and single values), or in a group of columns.
inline constexpr std::size_t kDirectoryWords = 0;
inline constexpr std::size_t group_words(std::size_t group) {
    return group + 1;
}

// The key of a word at a place. `word` in any case: it is lower-cased first.
std::uint64_t word_key(std::string_view word, std::size_t place);

// Keys, each once. Made for a hundred thousand additions of which few are new.
class KeySet {
  public:
    KeySet() : slots_(kFirstSlots) {}
    void add(std::uint64_t key);
    std::vector<std::uint64_t> take();  // in no order; the set is empty then

  private:
    static constexpr std::size_t kFirstSlots = 1024;
    void grow();

    std::vector<std::uint64_t> slots_;  // 0: free; a power of two of them
    std::size_t used_ = 0;
    bool has_zero_ = false;
};

}  // namespace nmstore::block
