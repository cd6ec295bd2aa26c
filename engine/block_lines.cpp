#include "engine/block_lines.h"

#include <algorithm>

#include "engine/cell_extras.h"
#include "engine/record.h"

namespace nmstore {

// A block that the cursor is in.
class BlockLines::Source {
  public:
    explicit Source(const BlockInfo& block) : info(block) {}

    struct Held {
        LineId id;
        std::size_t begin = 0;
        std::size_t text_bytes = 0;
        std::size_t end = 0;
    };
    const Held& current() const { return held[at]; }

    const BlockInfo info;
    std::unique_ptr<block::BlockReader> reader;  // none: not opened yet, or closed to make room
    bool placed = false;
    std::size_t next = 0;  // lines of the block to come: [next, end) forwards, [end, next) backwards
    std::size_t end = 0;
    std::vector<Held> held;  // lines at hand
    std::size_t at = 0;
    std::string text;                      // of the lines at hand
    std::vector<std::int64_t> expired_ms;  // cells whose lines are not there any more, rising

    bool has_expired(std::int64_t time_ms) const {
        return std::binary_search(expired_ms.begin(), expired_ms.end(), time_ms);
    }
};

BlockLines::BlockLines(const Core& core, std::vector<BlockInfo> blocks, const BlockRange& range,
                       SnapshotPtr snapshot)
    : core_(core),
      range_(range),
      ascending_(range.order == Order::ascending),
      snapshot_(std::move(snapshot)),
      now_ms_(core.clock.now_ms()),
      waiting_(std::move(blocks)) {
    std::erase_if(waiting_, [&](const BlockInfo& block) {
        if (block.last.time_ms < range_.first_ms || block.first.time_ms > range_.last_ms) return true;
        return range_.after && !before(*range_.after, ascending_ ? block.last : block.first);
    });
    std::sort(waiting_.begin(), waiting_.end(), [&](const BlockInfo& a, const BlockInfo& b) {
        return ascending_ ? b.first < a.first : a.last < b.last;
    });
}

BlockLines::BlockLines(BlockLines&&) noexcept = default;
BlockLines::~BlockLines() = default;

bool BlockLines::before(const LineId& a, const LineId& b) const {
    return ascending_ ? a < b : b < a;
}

Result<bool> BlockLines::next() {
    const auto later = [&](const auto& a, const auto& b) { return before(b->current().id, a->current().id); };
    if (started_ && !active_.empty()) {
        std::pop_heap(active_.begin(), active_.end(), later);
        Source& source = *active_.back();
        bool more = ++source.at < source.held.size();
        if (!more) {
            NM_ASSIGN(more, refill(source));
        }
        if (more) {
            std::push_heap(active_.begin(), active_.end(), later);
        } else {
            std::erase(open_, &source);
            active_.pop_back();
        }
    }
    started_ = true;
    NM_TRY(enter_blocks());
    return !active_.empty();
}

// Opens every block that may have a line before the next one of those that are open.
Result<void> BlockLines::enter_blocks() {
    const auto later = [&](const auto& a, const auto& b) { return before(b->current().id, a->current().id); };
    while (!waiting_.empty()) {
        const BlockInfo& block = waiting_.back();
        const LineId& nearest = ascending_ ? block.first : block.last;
        if (!active_.empty() && before(active_.front()->current().id, nearest)) return {};
        auto source = std::make_unique<Source>(block);
        waiting_.pop_back();
        NM_ASSIGN(const bool found, refill(*source));
        if (!found) {
            std::erase(open_, source.get());
            continue;
        }
        active_.push_back(std::move(source));
        std::push_heap(active_.begin(), active_.end(), later);
    }
    return {};
}

// Takes the next lines of the block; false if there are none.
Result<bool> BlockLines::refill(Source& source) {
    source.held.clear();
    source.text.clear();
    source.at = 0;
    if (source.placed && source.next == source.end) return false;
    std::erase(open_, &source);
    if (source.reader == nullptr) {
        if (open_.size() == kMaxOpen) {
            open_.front()->reader.reset();
            open_.erase(open_.begin());
        }
        source.reader = open_stored_block(core_, source.info, snapshot_);
        NM_TRY(source.reader->read_directory());
    }
    open_.push_back(&source);
    if (!source.placed) NM_TRY(find_place(source));
    if (source.info.has_gaps && source.expired_ms.empty()) NM_TRY(find_expired(source));
    while (source.next != source.end && source.text.size() < kBytesAtHand) {
        NM_ASSIGN(const block::BlockLine line,
                  source.reader->line(ascending_ ? source.next : source.next - 1));
        ascending_ ? ++source.next : --source.next;
        if (source.has_expired(line.time_ms)) continue;
        const std::size_t begin = source.text.size();
        source.text.append(line.text).append(line.fields);
        source.held.push_back({{line.time_ms, source.info.first.row, line.sequence, line.line},
                               begin,
                               line.text.size(),
                               source.text.size()});
    }
    if (source.next == source.end) {
        source.reader.reset();
        std::erase(open_, &source);
    }
    return !source.held.empty();
}

// The lines of the block that are in the range.
Result<void> BlockLines::find_place(Source& source) {
    NM_ASSIGN(const auto* ids, source.reader->ids());
    const auto id_of = [&](const block::LineKey& key) {
        return LineId{key.time_ms, source.info.first.row, key.sequence, key.line};
    };
    auto low = std::partition_point(ids->begin(), ids->end(), [&](const block::LineKey& key) {
        return key.time_ms < range_.first_ms || (ascending_ && range_.after && id_of(key) <= *range_.after);
    });
    auto high = std::partition_point(ids->begin(), ids->end(), [&](const block::LineKey& key) {
        return key.time_ms <= range_.last_ms && (ascending_ || !range_.after || id_of(key) < *range_.after);
    });
    if (high < low) high = low;
    if (!ascending_) std::swap(low, high);
    source.next = static_cast<std::size_t>(low - ids->begin());
    source.end = static_cast<std::size_t>(high - ids->begin());
    source.placed = true;
    return {};
}

Result<void> BlockLines::find_expired(Source& source) const {
    NM_ASSIGN(const auto* ids, source.reader->ids());
    NM_ASSIGN(const std::string_view bytes, source.reader->extras());
    NM_ASSIGN(const CellExtras extras, parse_cell_extras(bytes, *ids));
    for (const SealedCell& cell : extras.cells) {
        if (record::has_expired(cell.expires_at_ms, now_ms_)) source.expired_ms.push_back(cell.time_ms);
    }
    return {};
}

const LineId& BlockLines::id() const {
    return active_.front()->current().id;
}

std::string_view BlockLines::text() const {
    const auto& held = active_.front()->current();
    return std::string_view(active_.front()->text).substr(held.begin, held.text_bytes);
}

std::string_view BlockLines::fields() const {
    const auto& held = active_.front()->current();
    const std::size_t end_of_text = held.begin + held.text_bytes;
    return std::string_view(active_.front()->text).substr(end_of_text, held.end - end_of_text);
}

}  // namespace nmstore
