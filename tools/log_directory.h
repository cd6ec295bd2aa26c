// Which files of a directory are logs to be followed.
#pragma once

#include <string>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::tools {

struct DirectoryOptions {
    std::string directory;
    bool recursive = false;
    // Globs for a file's name, or, where they hold a '/', for its path below the directory. No include: every
    // file.
    std::vector<std::string> include, exclude;
};

inline constexpr std::size_t kMaxFollowedFiles = 10'000;

// Paths of regular files, sorted. Left out: what is not text by its name or by a NUL in its first bytes,
// rotated files (a file beside a log that has the log's name and a number or date behind it; the log's own
// follower reads those), what cannot be opened. Symbolic links to directories are not followed. too_large
// over kMaxFollowedFiles; not_found.
Result<std::vector<std::string>> find_logs(const DirectoryOptions& options);

}  // namespace nmstore::tools
