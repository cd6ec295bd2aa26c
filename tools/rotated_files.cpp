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

enum class Look { found, not_here, moved };

// The file at `path` from the place on, if it holds the place. `moved`: it is not the one that was listed.
Look open_at(const std::string& path, std::uint64_t device, std::uint64_t inode, const FilePlace& place,
             std::optional<LogFile>& found) {
    auto file = ReadFile::open(path);
    if (!file.ok()) return file.error().code == Code::not_found ? Look::moved : Look::not_here;
    if (file.value().device() != device || file.value().inode() != inode) return Look::moved;
    auto trail = find_trail(*file, place);
    if (!trail.ok() || !trail.value()) return Look::not_here;
    found = LogFile(std::move(*file), place, std::move(*trail.value()));
    return Look::found;
}

bool may_hold(const RotatedFile& file, const FilePlace& place, bool by_inode) {
    if (same_file(file, place) != by_inode || file.size < place.offset) return false;
    // A copy is told by its content, of which there must be some, and is younger than what was read.
    return by_inode || (place.offset > 0 && file.changed_ns >= place.changed_ns);
}

// `moved`: files were renamed meanwhile, so that it may be there yet.
Look look_for(const FilePlace& place, bool look_at_log_itself, std::optional<LogFile>& found) {
    bool moved = false;
    struct stat status {};
    if (look_at_log_itself && ::stat(place.path.c_str(), &status) == 0 && status.st_dev == place.device &&
        status.st_ino == place.inode) {
        const Look look = open_at(place.path, place.device, place.inode, place, found);
        if (look == Look::found) return look;
        moved = look == Look::moved;
    }
    const std::vector<RotatedFile> files = rotated_files(place.path);
    for (const bool by_inode : {true, false}) {
        for (const RotatedFile& file : files) {
            if (!may_hold(file, place, by_inode)) continue;
            const Look look = open_at(file.path, file.device, file.inode, place, found);
            if (look == Look::found) return look;
            moved = moved || look == Look::moved;
        }
        if (moved) break;  // before a copy is taken for the file itself
    }
    return moved ? Look::moved : Look::not_here;
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

std::optional<LogFile> find_place(const FilePlace& place, bool look_at_log_itself) {
    std::optional<LogFile> found;
    for (int attempt = 0; attempt < kMaxListings; ++attempt) {
        if (look_for(place, look_at_log_itself, found) != Look::moved) break;
    }
    return found;
}

}  // namespace nmstore::tools
