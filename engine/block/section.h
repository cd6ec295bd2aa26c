// The container: sections of bytes, each compressed by itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/block.h"
#include "nmstore/result.h"

namespace nmstore::block {

// Each section as it is stored: compressed, or nothing if it is empty.
Result<std::vector<std::string>> compress_sections(const std::vector<std::string>& sections, int level);
// One of them.
Result<std::string> compress_section(std::string_view raw, int level);
// How large one was before, as it says itself. corruption: it is none, or of more than kMaxSectionBytes.
Result<std::size_t> raw_size_of_section(std::string_view stored);
// The other way. corruption: damaged, or of more than kMaxSectionBytes.
Result<std::string> decompress_section(std::string_view stored);

// One string of all sections.
Result<std::string> write_sections(const std::vector<std::string>& sections, int level);

// Reads what write_sections has written.
class SectionReader final : public SectionSource {
  public:
    static Result<SectionReader> open(std::string_view block);
    std::size_t size() const override { return sections_.size(); }
    Result<std::string> read(std::size_t section) override;

  private:
    struct Section {
        std::string_view stored;
        std::size_t raw_size = 0;
    };
    std::vector<Section> sections_;
};

}  // namespace nmstore::block
