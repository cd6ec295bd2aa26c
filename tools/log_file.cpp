#include "tools/log_file.h"

#include <algorithm>
#include <utility>

#include "nmstore/line.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

// Where to cut `text`, which is too long, at `at` or up to three bytes before, so that no UTF-8 sequence is
// torn apart.
std::size_t cut_before(std::string_view text, std::size_t at) {
    std::size_t cut = at;
    while (cut > at - 3 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80) --cut;
    return (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80 ? at : cut;
}

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

void LogFile::moved(std::string_view bytes) {
    place_.offset += bytes.size();
    place_.changed_ns = file_.changed_ns();
    trail_.take(bytes);
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
    std::size_t wanted = kChunkBytes;
    std::string chunk;
    std::string_view rest;
    while (true) {
        NM_ASSIGN(chunk, file_.read(place_.offset - known, known + wanted));
        if (!chunk.starts_with(trail_.tail)) return Step::replaced;
        rest = std::string_view(chunk).substr(known);
        if (rest.size() < wanted || wanted > kMaxLineBytes || rest.find('\n') != std::string_view::npos)
            break;
        wanted = kMaxLineBytes + 1;
    }
    NM_ASSIGN(const std::string head, file_.read(0, trail_.head.size()));
    if (head != trail_.head) return Step::replaced;

    const bool whole_file_read = rest.size() < wanted;
    bool any = false;
    while (true) {
        const auto newline = rest.find('\n');
        if (newline == std::string_view::npos) break;
        if (!take_line(rest.substr(0, newline), newline + 1, take)) return Step::refused;
        rest.remove_prefix(newline + 1);
        any = true;
    }
    if (any && !whole_file_read) return Step::taken;
    if (rest.size() > kMaxLineBytes) {
        const std::size_t cut = cut_before(rest, kMaxLineBytes);
        return take_line(rest.substr(0, cut), cut, take) ? Step::taken : Step::refused;
    }
    if (unfinished && !rest.empty()) {
        if (!take_line(rest, rest.size(), take)) return Step::refused;
    }
    if (rest.empty() || unfinished) place_.changed_ns = file_.changed_ns();
    return Step::end;
}

bool LogFile::take_line(std::string_view text, std::size_t length, const TakeLine& take) {
    if (!take({place_.path, text, place_.time_ms})) return false;
    moved({text.data(), length});
    return true;
}

}  // namespace nmstore::tools
