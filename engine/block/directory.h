// The directory of a block: its templates, and what its columns are and where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

struct StoredColumn {
    ColumnSummary summary;
    std::size_t owner = 0;  // its template
    std::size_t group = 0;
    std::size_t begin = 0;  // its place in the section of its group
    std::size_t bytes = 0;
};

// Views: when reading, of the bytes that it was read from.
struct Directory {
    Directory() = default;
    Directory(Directory&&) = default;  // a copy's templates would look into the other's variables
    Directory& operator=(Directory&&) = default;

    std::size_t lines = 0;
    std::int64_t zone_minutes = 0;
    std::vector<Template> templates;
    std::vector<Template::Variable> variables;  // of all templates, one behind the other
    std::vector<StoredColumn> columns;
    std::size_t groups = 0;
};

// Not looked at when writing: where columns begin, and to which variable each belongs.
std::string write_directory(const Directory& directory);
// corruption: does not add up.
Result<Directory> read_directory(std::string_view bytes);

}  // namespace nmstore::block
