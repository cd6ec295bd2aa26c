#include "tools/log_file.h"

#include <algorithm>
#include <utility>

#include "nmstore/line.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

}  // namespace

LogFile::LogFile(ReadFile file, std::string path) : file_(std::move(file)) {
    place_.path = std::move(path);
    place_.device = file_.device();
    place_.inode = file_.inode();
    place_.changed_ns = file_.changed_ns();
}

FilePlace LogFile::place() const {
    FilePlace marked = place_;
    trail_.mark(marked);
    return marked;
}

LogFile::LogFile(ReadFile file, FilePlace place, Trail trail)
    : file_(std::move(file)), place_(std::move(place)), trail_(std::move(trail)) {
    place_.device = file_.device();
    place_.inode = file_.inode();
}

Result<ReadEnd> LogFile::read_lines(bool unfinished, const TakeLine& take) {
    while (true) {
        NM_ASSIGN(const Step done, step(unfinished, take));
        if (done == Step::refused) return ReadEnd::refused;
        if (done == Step::end) return ReadEnd::end;
        if (done == Step::replaced) return ReadEnd::replaced;
    }
}

// Reads one chunk and hands over its lines. The bytes before the place are read along with it, and compared:
// what follows them is then what follows in the file that we know.
Result<LogFile::Step> LogFile::step(bool unfinished, const TakeLine& take) {
    const std::int64_t changed_before = place_.changed_ns;
    NM_ASSIGN(seen_size_, file_.size());
    if (seen_size_ < place_.offset) return Step::replaced;
    if (seen_size_ == place_.offset && file_.changed_ns() == changed_before) return Step::end;

    const std::size_t known = trail_.tail.size();
    NM_ASSIGN(const std::string chunk, file_.read(place_.offset - known, known + kChunkBytes));
    if (!chunk.starts_with(trail_.tail)) return Step::replaced;
    NM_ASSIGN(const std::string head, file_.read(0, trail_.head.size()));
    if (head != trail_.head) return Step::replaced;

    std::string_view rest = std::string_view(chunk).substr(known);
    const bool at_end = rest.size() < kChunkBytes;
    bool any = false;
    while (true) {
        const auto newline = rest.find('\n');
        if (newline == std::string_view::npos) break;
        if (!take_line(rest.substr(0, newline), rest.substr(0, newline + 1), take)) return Step::refused;
        rest.remove_prefix(newline + 1);
        any = true;
    }
    if (!at_end) return any ? Step::taken : step_over_long_line(unfinished, take);
    if (unfinished && !rest.empty() && !take_line(rest, rest, take)) return Step::refused;
    if (rest.empty() || unfinished) place_.changed_ns = file_.changed_ns();
    return Step::end;
}

// A line that is longer than a chunk: its end is looked for without keeping what lies between.
Result<LogFile::Step> LogFile::step_over_long_line(bool unfinished, const TakeLine& take) {
    if (scanned_ > seen_size_) scanned_ = 0;  // the file was cut meanwhile
    scanned_ = std::max(scanned_, place_.offset);
    std::uint64_t end = 0;  // behind its newline
    while (end == 0) {
        NM_ASSIGN(const std::string chunk, file_.read(scanned_, kChunkBytes));
        const auto newline = chunk.find('\n');
        scanned_ += newline == std::string::npos ? chunk.size() : newline;
        if (newline != std::string::npos) {
            end = scanned_ + 1;
        } else if (chunk.size() < kChunkBytes) {
            if (!unfinished) return Step::end;
            end = scanned_;
        }
    }
    const std::uint64_t length = end - place_.offset;
    NM_ASSIGN(const std::string begin,
              file_.read(place_.offset,
                         static_cast<std::size_t>(std::min<std::uint64_t>(length, kMaxShippedBytes))));
    NM_ASSIGN(const std::string last, file_.read(end - kTailBytes, kTailBytes));
    std::string_view text = begin;
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (!take({place_.path, text, place_.time_ms})) return Step::refused;
    place_.offset = end;
    place_.changed_ns = file_.changed_ns();
    trail_.take(begin);
    trail_.take(last);  // kTailBytes: all that the trail's end is made of
    return Step::taken;
}

bool LogFile::take_line(std::string_view text, std::string_view whole, const TakeLine& take) {
    if (!take({place_.path, text, place_.time_ms})) return false;
    place_.offset += whole.size();
    place_.changed_ns = file_.changed_ns();
    trail_.take(whole);
    return true;
}

}  // namespace nmstore::tools
