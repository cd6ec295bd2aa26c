// What became of a log: the names that rotation gives to old files, and how to find a file again by what is
// in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/log_file.h"

namespace nmstore::tools {

// Whether `name` is what rotation makes of the log `base`: base.1, base.2011-11-21, base-20111121, base.old
// …; compressed ones are not.
bool is_rotated_name(std::string_view name, std::string_view base);
// The log that `name` would be a rotated file of ("syslog.1" -> "syslog"); "" if it does not look like one.
std::string rotated_base(std::string_view name);
// By its name: compressed, an archive, or binary by custom.
bool is_packed_name(std::string_view name);

struct RotatedFile {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;
};
// Rotated files beside the log, the one changed first in front.
std::vector<RotatedFile> rotated_files(const std::string& log_path);

// The file that `place` is in, opened there: the same file under whatever name, else a copy of it. nullopt:
// gone.
std::optional<LogFile> find_place(const FilePlace& place, bool look_at_log_itself);

}  // namespace nmstore::tools
