// The container: sections of bytes, each compressed by itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::block {

// Places of the sections that every block has.
enum SectionPlace : std::size_t { kDirectory, kNumbers, kIds, kExtras, kFilter, kFirstGroup };

// Flags of a template in the directory.
inline constexpr std::uint64_t kFieldsFlag = 1;
inline constexpr std::uint64_t kPlainFlag = 2;

Result<std::string> write_sections(const std::vector<std::string>& sections, int level);

class SectionReader {
  public:
    static Result<SectionReader> open(std::string_view block);
    std::size_t size() const { return sections_.size(); }
    Result<std::string> read(std::size_t section) const;

  private:
    struct Section {
        std::string_view stored;
        std::size_t raw_size = 0;
    };
    std::vector<Section> sections_;
};

}  // namespace nmstore::block
