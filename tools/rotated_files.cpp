#include "tools/rotated_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace nmstore::tools {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxListings = 20;
constexpr std::array<std::string_view, 3> kOldSuffixes{".old", ".prev", ".0"};
constexpr std::array<std::string_view, 21> kPackedSuffixes{
    ".gz",      ".xz",       ".bz2", ".zst", ".lz4", ".lzma", ".Z",   ".zip",  ".7z",   ".tar", ".tgz",
    ".journal", ".journal~", ".db",  ".so",  ".png", ".jpg",  ".pid", ".lock", ".sock", ".swp"};

bool is_date_or_number(std::string_view text) {
    bool digit = false;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digit = true;
        } else if (c != '-' && c != '_' && c != '.' && c != 'T' && c != ':') {
            return false;
        }
    }
    return digit;
}

std::vector<RotatedFile> list_once(const std::string& log_path) {
    const fs::path log(log_path);
    const std::string base = log.filename().string();
    std::vector<RotatedFile> files;
    std::error_code error;
    for (fs::directory_iterator it(log.parent_path(), error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        struct stat status {};
        if (!is_rotated_name(name, base) || ::lstat(it->path().c_str(), &status) != 0 ||
            !S_ISREG(status.st_mode))
            continue;
        files.push_back({it->path().string(), status.st_dev, status.st_ino,
                         static_cast<std::uint64_t>(status.st_size),
                         status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec});
    }
    std::sort(files.begin(), files.end(),
              [](const RotatedFile& a, const RotatedFile& b) { return a.path < b.path; });
    return files;
}

bool same_file(const RotatedFile& file, const FilePlace& place) {
    return file.device == place.device && file.inode == place.inode;
}

// The file at `path` from the place on, if it holds the place.
Result<std::optional<LogFile>> open_at(const std::string& path, const FilePlace& place) {
    auto file = ReadFile::open(path);
    if (!file.ok()) return std::optional<LogFile>();
    NM_ASSIGN(std::optional<Trail> trail, find_trail(*file, place));
    if (!trail) return std::optional<LogFile>();
    return std::optional<LogFile>(LogFile(std::move(*file), place, std::move(*trail)));
}

}  // namespace

bool is_rotated_name(std::string_view name, std::string_view base) {
    if (name.size() < base.size() + 2 || !name.starts_with(base)) return false;
    const std::string_view suffix = name.substr(base.size());
    if (std::find(kOldSuffixes.begin(), kOldSuffixes.end(), suffix) != kOldSuffixes.end()) return true;
    return (suffix[0] == '.' || suffix[0] == '-' || suffix[0] == '_') && is_date_or_number(suffix.substr(1));
}

std::string rotated_base(std::string_view name) {
    for (const auto& suffix : kOldSuffixes) {
        if (name.size() > suffix.size() && name.ends_with(suffix))
            return std::string(name.substr(0, name.size() - suffix.size()));
    }
    // The longest tail of digits and date marks that begins with a mark.
    std::size_t begin = name.size();
    for (std::size_t i = name.size(); i-- > 1;) {
        if (!is_date_or_number(name.substr(i)) && name[i] != '.' && name[i] != '-' && name[i] != '_') break;
        if ((name[i] == '.' || name[i] == '-' || name[i] == '_') && is_date_or_number(name.substr(i + 1)))
            begin = i;
    }
    return begin == name.size() ? std::string() : std::string(name.substr(0, begin));
}

bool is_packed_name(std::string_view name) {
    return std::any_of(kPackedSuffixes.begin(), kPackedSuffixes.end(),
                       [&](std::string_view suffix) { return name.ends_with(suffix); });
}

std::vector<RotatedFile> rotated_files(const std::string& log_path) {
    // A listing while files are renamed may leave one out: believed when it is the same twice.
    std::vector<RotatedFile> files = list_once(log_path);
    for (int attempt = 0; attempt < kMaxListings; ++attempt) {
        std::vector<RotatedFile> again = list_once(log_path);
        const bool same = std::equal(
            files.begin(), files.end(), again.begin(), again.end(), [](const auto& a, const auto& b) {
                return a.path == b.path && a.device == b.device && a.inode == b.inode;
            });
        files = std::move(again);
        if (same) break;
    }
    std::sort(files.begin(), files.end(), [](const RotatedFile& a, const RotatedFile& b) {
        return a.changed_ns != b.changed_ns ? a.changed_ns < b.changed_ns : a.path > b.path;
    });
    return files;
}

Result<std::optional<LogFile>> find_place(const FilePlace& place, bool look_at_log_itself) {
    if (look_at_log_itself) {
        struct stat status {};
        const bool same = ::stat(place.path.c_str(), &status) == 0 && status.st_dev == place.device &&
                          status.st_ino == place.inode;
        if (same) {
            NM_ASSIGN(std::optional<LogFile> found, open_at(place.path, place));
            if (found) return found;
        }
    }
    const std::vector<RotatedFile> files = rotated_files(place.path);
    for (const bool by_inode : {true, false}) {
        for (const RotatedFile& file : files) {
            if (same_file(file, place) != by_inode || file.size < place.offset) continue;
            // A copy is told by its content, of which there must be some, and is younger than what was read.
            if (!by_inode && (place.offset == 0 || file.changed_ns < place.changed_ns)) continue;
            NM_ASSIGN(std::optional<LogFile> found, open_at(file.path, place));
            if (found) return found;
        }
    }
    return std::optional<LogFile>();
}

}  // namespace nmstore::tools
