#include "tools/log_directory.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "query/matcher.h"
#include "tools/file_place.h"
#include "tools/rotated_files.h"

namespace nmstore::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLookedAtBytes = 4096;
constexpr int kMaxDepth = 32;

bool any_glob(const std::vector<std::string>& globs, const std::string& name, const std::string& below) {
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
        return query::glob_matches(glob, glob.find('/') == std::string::npos ? name : below);
    });
}

bool is_text(const std::string& path) {
    const auto file = ReadFile::open(path);
    if (!file.ok()) return false;
    const auto begin = file.value().read(0, kLookedAtBytes);
    return begin.ok() && begin.value().find('\0') == std::string::npos;
}

struct Finder {
    const DirectoryOptions& options;
    std::vector<std::string> found;
    std::error_code error;

    // The names in one directory; then what is below it.
    void look(const fs::path& directory, int depth) {
        std::set<std::string> names;
        std::vector<fs::path> below;
        for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
            std::error_code ignored;
            if (it->is_directory(ignored) && !it->is_symlink(ignored)) {
                below.push_back(it->path());
            } else if (it->is_regular_file(ignored)) {
                names.insert(it->path().filename().string());
            }
        }
        if (error && depth > 0) error.clear();  // a directory that we may not read
        for (const std::string& name : names) consider(directory, name, names);
        if (!options.recursive || depth >= kMaxDepth) return;
        std::sort(below.begin(), below.end());
        for (const fs::path& each : below) look(each, depth + 1);
    }

    void consider(const fs::path& directory, const std::string& name, const std::set<std::string>& names) {
        const std::string path = (directory / name).string();
        const std::string below = fs::path(path).lexically_relative(options.directory).string();
        if (!options.include.empty() && !any_glob(options.include, name, below)) return;
        if (any_glob(options.exclude, name, below) || is_packed_name(name) || is_rotated(name, names)) return;
        if (is_text(path)) found.push_back(path);
    }

    static bool is_rotated(const std::string& name, const std::set<std::string>& names) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& base) { return is_rotated_name(name, base); });
    }
};

}  // namespace

Result<std::vector<std::string>> find_logs(const DirectoryOptions& options) {
    Finder finder{options, {}, {}};
    finder.look(options.directory, 0);
    if (finder.error)
        return Error{Code::not_found,
                     "cannot read the directory " + options.directory + ": " + finder.error.message()};
    if (finder.found.size() > kMaxFollowedFiles) {
        return Error{Code::too_large, options.directory + " has more than " +
                                          std::to_string(kMaxFollowedFiles) +
                                          " logs: narrow it with --include and --exclude"};
    }
    std::sort(finder.found.begin(), finder.found.end());
    return std::move(finder.found);
}

}  // namespace nmstore::tools
