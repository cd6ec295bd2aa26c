// The directory of a block: its templates, and what its columns are and where.
//
// Read, it takes little more room than its bytes, so that those of many blocks can be kept: of a column, of
// which a block has thousands, only where it is told, and its summary is taken from the bytes when it is
// asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

// Where a column's values stand.
struct ColumnPlace {
    std::size_t group = 0;
    std::size_t begin = 0;  // in the section of its group
    std::size_t bytes = 0;
};

// Immutable once it is read: any number of threads.
class Directory {
  public:
    Directory() = default;
    Directory(const Directory&) = delete;  // its templates look into it
    Directory& operator=(const Directory&) = delete;

    // Once; all views are of `bytes`, which must outlive it. corruption: does not add up.
    Result<void> read(std::string_view bytes);

    std::size_t lines() const { return lines_; }
    std::int64_t zone_minutes() const { return zone_minutes_; }
    const std::vector<Template>& templates() const { return templates_; }
    std::size_t groups() const { return group_columns_.size(); }
    std::size_t columns() const { return columns_.size(); }
    ColumnSummary summary(std::size_t column) const;
    std::size_t template_of(std::size_t column) const;
    ColumnPlace place(std::size_t column) const;

    std::size_t memory_bytes() const;

  private:
    friend class DirectoryReader;
    struct Column {
        std::uint32_t told_at = 0;  // in bytes_: its summary, then its size
        std::uint32_t begin = 0;    // in its group
    };

    std::string_view bytes_;
    std::size_t lines_ = 0;
    std::int64_t zone_minutes_ = 0;
    std::vector<Template> templates_;
    Variables variables_;
    std::vector<std::uint32_t> template_columns_;  // the first column of each template, or where it would be
    std::vector<Column> columns_;
    std::vector<std::uint32_t> group_columns_;  // the first column of each group
};

// What a directory is written of. Views.
struct NewDirectory {
    struct OfTemplate {
        std::string_view pattern;
        std::size_t lines = 0;
        bool fields = false;
        bool plain = false;
        std::size_t variables = 0;
    };
    struct OfVariable {
        bool single = false;
        std::string_view value;
    };
    struct OfColumn {
        ColumnSummary summary;
        std::size_t group = 0;
        std::size_t bytes = 0;
    };

    std::size_t lines = 0;
    std::int64_t zone_minutes = 0;
    std::vector<OfTemplate> templates;
    std::vector<OfVariable> variables;  // of all templates, one behind the other
    std::vector<OfColumn> columns;      // of those variables that are not single
    std::size_t groups = 0;
};
std::string write_directory(const NewDirectory& directory);

}  // namespace nmstore::block
