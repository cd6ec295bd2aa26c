// Files that are either as they were or as they shall be, also after a power failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::tools {

// Writes beside `path`, syncs, renames, syncs the directory. The file is readable by its owner only.
Result<void> replace_file(const std::string& path, std::string_view content);
// nullopt: there is none.
Result<std::optional<std::string>> read_file(const std::string& path);

}  // namespace nmstore::tools
