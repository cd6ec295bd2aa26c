#include "tools/log_follower.h"

#include <sys/stat.h>

#include <algorithm>

namespace nmstore::tools {
namespace {

constexpr int kMaxLooks = 20;
constexpr std::uint32_t kPollsBetweenCleanings = 64;

}  // namespace

LogFollower::LogFollower(std::string path, std::vector<FilePlace> known, FileOwners& owners, Remark remark)
    : path_(std::move(path)), known_(std::move(known)), owners_(owners), remark_(std::move(remark)) {
    for (const FilePlace& place : known_) own(place.device, place.inode);
}

bool LogFollower::belongs_elsewhere(std::uint64_t device, std::uint64_t inode) const {
    const auto owner = owners_.find({device, inode});
    return owner != owners_.end() && owner->second != path_;
}

bool LogFollower::is_known(std::uint64_t device, std::uint64_t inode) const {
    return owners_.contains({device, inode});
}

void LogFollower::resume() {
    std::sort(known_.begin(), known_.end(),
              [](const FilePlace& a, const FilePlace& b) { return a.changed_ns < b.changed_ns; });
    struct stat status {};
    const bool there = ::stat(path_.c_str(), &status) == 0;
    std::int64_t newest_ns = INT64_MIN;
    bool rotated = false;
    for (const FilePlace& place : known_) {
        auto found = find_place(place, true);
        const bool is_log = there && status.st_dev == place.device && status.st_ino == place.inode;
        newest_ns = std::max(newest_ns, place.changed_ns);
        if (!found) {
            owners_.erase({place.device, place.inode});
            rotated = true;
            if (place.offset > 0 && !place.settled && remark_) {
                remark_(place.path + ": the file that was read up to byte " + std::to_string(place.offset) +
                        " is not there any more; what it had behind that, if anything, is lost");
            }
            continue;
        }
        LogFile& file = *found;
        own(file.place().device, file.place().inode);
        if (is_log && file.is(place.device, place.inode)) {
            current_ = std::move(file);
        } else {
            if (is_log) owners_.erase({place.device, place.inode});  // cut: what has the name begins anew
            newest_ns = std::max(newest_ns, file.changed_ns());
            rotated = true;
            retire(std::move(file));
        }
    }
    if (current_) own(current_->place().device, current_->place().inode);
    known_.clear();
    if (rotated && !current_) note_rotation(newest_ns);
}

void LogFollower::retire(LogFile file) {
    const std::uint64_t offset = file.offset();
    retired_.push_back({std::move(file), offset, -1});
}

void LogFollower::note_rotation(std::int64_t changed_ns) {
    missed_since_ns_ = std::min(missed_since_ns_.value_or(changed_ns), changed_ns);
}

bool LogFollower::is_copy_of_known(const ReadFile& file) const {
    for (const FilePlace& place : places()) {
        if (place.offset < kHeadBytes || (place.inode == file.inode() && place.device == file.device()))
            continue;
        const auto trail = find_trail(file, place);
        if (trail.ok() && trail.value()) return true;
    }
    return false;
}

// false if the directory changed meanwhile.
bool LogFollower::take_missed_once() {
    bool stable = true;
    for (const RotatedFile& rotated : rotated_files(path_)) {
        if (rotated.changed_ns < *missed_since_ns_ || is_known(rotated.device, rotated.inode)) continue;
        auto file = ReadFile::open(rotated.path);
        if (!file.ok() || file.value().inode() != rotated.inode || file.value().device() != rotated.device) {
            stable = false;
            continue;
        }
        if (is_copy_of_known(*file)) continue;
        own(rotated.device, rotated.inode);
        retire(LogFile(std::move(file).value(), path_));
        opened_.push_back(retired_.back().file.place());
    }
    return stable;
}

// Files that got the log's name and lost it again while nobody looked. To be called when the file that has
// the name now is open: whatever came before that one is then to be found beside it.
void LogFollower::take_missed() {
    if (!missed_since_ns_) return;
    for (int attempt = 0; attempt < kMaxLooks && !take_missed_once(); ++attempt) {
    }
    if (current_) missed_since_ns_.reset();
}

// The file that has the name was cut or written anew. If it was copied before, the copy has what we had not
// read yet.
void LogFollower::was_cut() {
    const FilePlace place = current_->place();
    owners_.erase({place.device, place.inode});
    current_.reset();
    auto copy = find_place(place, false);
    if (!copy) return;
    own(copy->place().device, copy->place().inode);
    note_rotation(copy->changed_ns());
    retire(std::move(*copy));
}

void LogFollower::look_for_rotation() {
    if (++polls_ % kPollsBetweenCleanings == 0) forget_vanished();
    struct stat status {};
    const bool there = ::stat(path_.c_str(), &status) == 0;
    if (!current_ || (there && current_->is(status.st_dev, status.st_ino))) return;
    note_rotation(current_->changed_ns());
    retire(std::move(*current_));
    current_.reset();
    forget_vanished();
}

void LogFollower::open_current() {
    if (current_) return;
    auto file = ReadFile::open(path_);
    if (!file.ok()) return;
    if (belongs_elsewhere(file.value().device(), file.value().inode())) return;
    // It may have been rotated away and given its name back; else an inode used again.
    const auto same = [&](const FilePlace& place) {
        return place.device == file.value().device() && place.inode == file.value().inode();
    };
    for (auto it = retired_.begin(); it != retired_.end(); ++it) {
        if (!same(it->file.place())) continue;
        current_ = std::move(it->file);
        retired_.erase(it);
        return;
    }
    for (auto it = settled_.begin(); it != settled_.end(); ++it) {
        if (!same(*it)) continue;
        auto trail = find_trail(*file, *it);
        if (trail.ok() && trail.value())
            current_ = LogFile(std::move(file).value(), *it, std::move(*trail.value()));
        settled_.erase(it);
        if (current_) return;
        break;
    }
    own(file.value().device(), file.value().inode());
    current_ = LogFile(std::move(file).value(), path_);
    opened_.push_back(current_->place());
}

Result<ReadEnd> LogFollower::read_current(bool unfinished, const TakeLine& take) {
    if (!current_) return ReadEnd::end;
    NM_ASSIGN(const ReadEnd end, current_->read_lines(unfinished, take));
    if (end == ReadEnd::replaced) was_cut();
    return end;
}

Result<ReadEnd> LogFollower::read_retired(std::int64_t now_ms, bool unfinished, const TakeLine& take) {
    for (std::size_t i = 0; i < retired_.size();) {
        Retired& retired = retired_[i];
        const bool quiet = retired.quiet_since_ms >= 0 && now_ms - retired.quiet_since_ms >= kSettledAfterMs;
        // What has no newline after such a time gets none any more.
        NM_ASSIGN(const ReadEnd end, retired.file.read_lines(unfinished || quiet, take));
        if (end == ReadEnd::refused) return end;
        if (retired.file.offset() != retired.offset || retired.quiet_since_ms < 0) {
            retired.offset = retired.file.offset();
            retired.quiet_since_ms = now_ms;
        }
        if (quiet || unfinished || end == ReadEnd::replaced) {
            settled_.push_back(retired.file.place());
            settled_.back().settled = true;
            retired_.erase(retired_.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    return ReadEnd::end;
}

Result<ReadEnd> LogFollower::poll(std::int64_t now_ms, bool unfinished, const TakeLine& take) {
    // Twice, for what was rotated in the meantime; more will be seen at the next poll.
    for (int round = 0; round < 2; ++round) {
        look_for_rotation();
        open_current();
        take_missed();
        NM_ASSIGN(const ReadEnd retired, read_retired(now_ms, unfinished, take));
        if (retired == ReadEnd::refused) return retired;
        NM_ASSIGN(const ReadEnd current, read_current(unfinished, take));
        if (current != ReadEnd::replaced) return current;
    }
    return ReadEnd::end;
}

// A settled file stays known as long as it exists beside the log under some name.
void LogFollower::forget_vanished() {
    const std::vector<RotatedFile> files = rotated_files(path_);
    std::erase_if(settled_, [&](const FilePlace& place) {
        const bool there = std::any_of(files.begin(), files.end(), [&](const RotatedFile& file) {
            return file.device == place.device && file.inode == place.inode;
        });
        if (!there) owners_.erase({place.device, place.inode});
        return !there;
    });
}

std::vector<FilePlace> LogFollower::places() const {
    std::vector<FilePlace> out = known_;
    out.insert(out.end(), settled_.begin(), settled_.end());
    for (const Retired& retired : retired_) out.push_back(retired.file.place());
    if (current_) out.push_back(current_->place());
    return out;
}

}  // namespace nmstore::tools
