#include "engine/source_marks.h"

#include <algorithm>

#include "engine/bytes.h"
#include "engine/key.h"

namespace nmstore {
namespace {

constexpr std::size_t kNumberBytes = sizeof(std::uint64_t);

}  // namespace

Result<SourceMarks> SourceMarks::read(const kv::Database& database, std::string_view source) {
    NM_ASSIGN(const auto bytes, database.get(kv::Space::meta, key::kOrigins, source));
    return bytes ? parse(*bytes) : SourceMarks();
}

Result<SourceMarks> SourceMarks::parse(std::string_view bytes) {
    const Error wrong{Code::corruption, "cannot read the store: a value is not the marks of a source"};
    if (bytes.size() % kNumberBytes != 0 || bytes.empty()) return wrong;
    SourceMarks out;
    if (bytes.size() == kNumberBytes) {
        out.known_.push_back({0, bytes::read_little<std::uint64_t>(bytes) + 1});
        return out;
    }
    if (bytes.size() % (2 * kNumberBytes) != 0) return wrong;
    for (; !bytes.empty(); bytes.remove_prefix(2 * kNumberBytes)) {
        const SequenceRange range{bytes::read_little<std::uint64_t>(bytes),
                                  bytes::read_little<std::uint64_t>(bytes.substr(kNumberBytes))};
        if (range.first >= range.end || (!out.known_.empty() && range.first <= out.known_.back().end))
            return wrong;
        out.known_.push_back(range);
    }
    return out;
}

std::string SourceMarks::format() const {
    std::string out;
    if (known_.size() == 1 && known_.front().first == 0) {
        bytes::append_little(out, last());
        return out;
    }
    for (const SequenceRange& range : known_) {
        bytes::append_little(out, range.first);
        bytes::append_little(out, range.end);
    }
    return out;
}

void SourceMarks::put(kv::Batch& batch, std::string_view source) const {
    batch.put(kv::Space::meta, key::kOrigins, source, format());
}

bool SourceMarks::contains(std::uint64_t sequence) const {
    return std::any_of(known_.begin(), known_.end(), [&](const SequenceRange& range) {
        return range.first <= sequence && sequence < range.end;
    });
}

void SourceMarks::add(std::uint64_t sequence) {
    known_.push_back({sequence, sequence + 1});
    join();
}

void SourceMarks::add_all_to(std::uint64_t last) {
    known_.push_back({0, last + 1});
    join();
}

void SourceMarks::add(const SourceMarks& others) {
    known_.insert(known_.end(), others.known_.begin(), others.known_.end());
    join();
}

bool SourceMarks::contains(const SourceMarks& others) const {
    return std::all_of(others.known_.begin(), others.known_.end(), [&](const SequenceRange& other) {
        return std::any_of(known_.begin(), known_.end(), [&](const SequenceRange& range) {
            return range.first <= other.first && other.end <= range.end;
        });
    });
}

void SourceMarks::join() {
    std::sort(known_.begin(), known_.end(),
              [](const SequenceRange& a, const SequenceRange& b) { return a.first < b.first; });
    std::vector<SequenceRange> joined;
    for (const SequenceRange& range : known_) {
        if (!joined.empty() && range.first <= joined.back().end) {
            joined.back().end = std::max(joined.back().end, range.end);
        } else {
            joined.push_back(range);
        }
    }
    if (joined.size() > kMaxRanges) {
        const std::size_t more = joined.size() - kMaxRanges;
        joined.erase(joined.begin(), joined.begin() + static_cast<std::ptrdiff_t>(more));
    }
    known_ = std::move(joined);
}

}  // namespace nmstore
