#include "engine/block_check.h"

#include <algorithm>
#include <unordered_set>

#include "engine/block/summary.h"
#include "engine/block/word_hash.h"
#include "engine/cell_block_builder.h"
#include "engine/cell_blocks.h"
#include "nmstore/value_type.h"
#include "nmstore/words.h"

namespace nmstore {
namespace {

// A filter that did not succeed at once is made as if for a few more keys (engine/block/filter.cpp).
constexpr std::size_t kMoreKeysFactor = 2;
constexpr std::size_t kMoreKeys = 64;

std::string quoted(std::string_view text) {
    return "\"" + printable(text) + "\"";
}

class BlockCheck {
  public:
    BlockCheck(const BlockInfo& head, const BlockInfo& stored, RowKind kind, const OpenBlock& open)
        : head_(head), kind_(kind), open_(open), reader_(open()) {
        BlockInfo& right = out_.head;
        right.number = head.number;
        right.tight = head.tight;
        right.sections = stored.sections;
        right.stored_bytes = stored.stored_bytes;
    }

    Result<BlockFindings> run() {
        NM_ASSIGN(const bool opened, good(reader_->read_directory()));
        if (!opened) return std::move(out_);
        readable_ = true;
        NM_TRY(read_sections());
        NM_TRY(check_summaries());
        if (readable_) NM_TRY(check_lines());
        // Words can be looked for only where all lines are known.
        if (readable_) NM_TRY(check_filter());
        if (readable_ && cells_) NM_TRY(check_cells());
        out_.readable = readable_;
        if (readable_) compare_heads();
        return std::move(out_);
    }

  private:
    void fault(std::string what, bool derived) {
        const bool known = std::any_of(out_.faults.begin(), out_.faults.end(),
                                       [&](const BlockFault& other) { return other.what == what; });
        if (!known && out_.faults.size() < kMaxFaultsOfBlock)
            out_.faults.push_back({std::move(what), derived});
    }
    void content(std::string what) {
        fault(std::move(what), false);
        readable_ = false;
    }
    void derived(std::string what) { fault(std::move(what), true); }

    // Whether something could be read; that it is damaged is a fault.
    template <class T>
    Result<bool> good(const Result<T>& read) {
        if (read.ok()) return true;
        if (read.error().code != Code::corruption) return read.error();
        content(read.error().message);
        return false;
    }
    template <class T>
    Result<bool> good_derived(const char* what, const Result<T>& read) {
        if (read.ok()) return true;
        if (read.error().code != Code::corruption) return read.error();
        derived(std::string(what) + " cannot be read: " + read.error().message);
        return false;
    }

    Result<void> read_sections() {
        NM_TRY(good(reader_->numbers()));
        NM_TRY(good(reader_->ids()));
        const auto extras = reader_->extras();
        NM_TRY(good(extras));
        cells_ = extras.ok() && !extras->empty();
        for (std::size_t column = 0; column < reader_->columns(); ++column)
            NM_TRY(good(reader_->column(column)));
        return {};
    }

    // A summary that leaves out what is there hides lines.
    Result<void> check_summaries() {
        for (std::size_t column = 0; column < reader_->columns(); ++column) {
            const auto values = reader_->column(column);
            if (!values.ok()) continue;  // told already
            const block::ColumnSummary& summary = reader_->summary(column);
            const auto told = [&](std::string_view value) {
                return summary.number ? is_told(summary.range, value) : is_told(summary, value);
            };
            std::size_t i = 0;
            while (i < (*values)->size() && told((**values)[i])) ++i;
            if (i < (*values)->size()) {
                derived("the summary of column " + std::to_string(column) + " leaves out " +
                        quoted((**values)[i]));
            } else if (summary.number) {
                NM_TRY(check_numbers(column, **values));
            }
        }
        return {};
    }

    static bool is_told(const block::NumberRange& range, std::string_view value) {
        std::uint64_t number = 0;
        if (!block::parse_digits(value, number) || number < range.least || number > range.greatest)
            return false;
        return range.width == 0 ? value.size() == 1 || value[0] != '0' : value.size() == range.width;
    }
    static bool is_told(const block::ColumnSummary& summary, std::string_view value) {
        return value.size() >= summary.shortest && value.size() <= summary.longest &&
               (block::classes_of(value) & ~unsigned{summary.classes}) == 0;
    }

    // Queries take numbers without making text of them.
    Result<void> check_numbers(std::size_t column, const block::ColumnValues& values) {
        const auto numbers = reader_->column_numbers(column);
        NM_ASSIGN(const bool read, good_derived("the numbers of a column", numbers));
        if (!read) return {};
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::uint64_t number = 0;
            if (block::parse_digits(values[i], number) && number == (**numbers)[i]) continue;
            derived("the numbers of column " + std::to_string(column) + " are not its values");
            break;
        }
        return {};
    }

    Result<void> check_lines() {
        BlockInfo& right = out_.head;
        right.lines = reader_->lines();
        LineId last;
        for (std::size_t i = 0; i < reader_->lines(); ++i) {
            const auto read = reader_->line(i);
            NM_ASSIGN(const bool there, good(read));
            if (!there) return {};
            const block::BlockLine& line = *read;
            const LineId id{line.time_ms, head_.first.row, line.sequence, line.line};
            if (i == 0) right.first = id;
            if (i != 0 && id <= last) {
                content("its lines are not in order");
                return {};
            }
            if ((line.sequence == 0) != cells_) {
                content("a line is not of its kind");
                return {};
            }
            right.text_bytes += line.text.size() + line.fields.size();
            out_.next_sequence = std::max(out_.next_sequence, line.sequence + 1);
            last = id;
            gather(line.text);
            gather(line.fields);
        }
        right.last = last;
        return {};
    }

    void gather(std::string_view text) {
        WordScanner scanner(text);
        for (WordAt at; scanner.next(at);) {
            const std::string_view word = text.substr(at.begin, at.end - at.begin);
            if (seen_.insert(block::word_hash(word)).second) words_.emplace_back(word);
        }
    }

    Result<void> check_filter() {
        const auto facts = reader_->filter_facts();
        NM_ASSIGN(const bool there, good_derived("its filter", facts));
        if (!there) return {};
        std::size_t keys = 0;
        std::size_t lacking = 0;
        std::string first;
        for (const std::string& text : words_) {
            const block::SoughtWord word(text);
            NM_ASSIGN(const bool may_have, reader_->may_have_word(word));
            if (!may_have && lacking++ == 0) first = text;
            const auto has = [&](const block::NumberRange& range) { return range.has(word); };
            keys += std::any_of(facts->ranges.begin(), facts->ranges.end(), has) ? 0 : 1;
        }
        if (lacking != 0) {
            derived("its filter lacks the word " + quoted(first) +
                    (lacking > 1 ? " and " + std::to_string(lacking - 1) + " others" : ""));
        } else if (facts->keys < keys || facts->keys > kMoreKeysFactor * keys + kMoreKeys) {
            derived("its filter is made for " + std::to_string(facts->keys) + " words, and there are " +
                    std::to_string(keys));
        }
        return {};
    }

    // Takes every value apart again: it must give the lines that the block has.
    Result<void> check_cells() {
        auto opened = CellBlock::open(head_, open_());
        NM_ASSIGN(const bool is_open, good(opened));
        if (!is_open) return {};
        CellBlock& block = **opened;
        CellBlockBuilder made(kind_);
        CellText text;
        for (std::size_t i = 0; i < block.cells().size(); ++i) {
            const SealedCell& cell = block.cells()[i];
            if (i != 0 && cell.time_ms <= block.cells()[i - 1].time_ms) {
                content("its cells are not in order");
                return {};
            }
            const auto value = block.value(i);
            NM_ASSIGN(const bool there, good(value));
            if (!there) return {};
            text.assign(kind_, *value);
            made.add(cell.time_ms, cell.expires_at_ms, *value, text);
        }
        made.end();
        tell_cells(block.cells(), out_.head);
        // What decided over its end, if anything did, is not in the block.
        const bool decided = head_.decided_to_ms > head_.last_cell_ms;
        out_.head.decided_to_ms =
            std::max(out_.head.last_cell_ms, decided ? head_.decided_to_ms : INT64_MIN);
        bool same = made.lines().size() == reader_->lines();
        for (std::size_t i = 0; same && i < made.lines().size(); ++i) {
            NM_ASSIGN(const block::BlockLine line, reader_->line(i));
            const CellBlockBuilder::MadeLine& wanted = made.lines()[i];
            same = line.time_ms == wanted.time_ms && line.line == wanted.piece &&
                   line.text == made.text_of(wanted);
        }
        if (!same) content("its cells, taken apart, give other lines than it has");
        return {};
    }

    void compare_heads() {
        const BlockInfo& right = out_.head;
        const auto number = [&](const char* of, auto said, auto is) {
            if (said == is) return;
            derived(std::string("its head says ") + of + " " + std::to_string(said) + ", and it is " +
                    std::to_string(is));
        };
        if (head_.first != right.first || head_.last != right.last)
            derived("its first or last line is another than its head says");
        number("number of lines", head_.lines, right.lines);
        number("size of text", head_.text_bytes, right.text_bytes);
        number("size", head_.stored_bytes, right.stored_bytes);
        number("number of sections", head_.sections, right.sections);
        number("number of cells", head_.cells, right.cells);
        number("time of the first cell", head_.first_cell_ms, right.first_cell_ms);
        number("time of the last cell", head_.last_cell_ms, right.last_cell_ms);
        number("earliest expiry", head_.first_expiry_ms, right.first_expiry_ms);
        number("latest expiry", head_.last_expiry_ms, right.last_expiry_ms);
    }

    const BlockInfo& head_;
    const RowKind kind_;
    const OpenBlock& open_;
    const std::unique_ptr<block::BlockReader> reader_;
    bool readable_ = false;
    bool cells_ = false;
    std::unordered_set<std::uint64_t> seen_;
    std::vector<std::string> words_;  // each once
    BlockFindings out_;
};

}  // namespace

RowKind kind_of_row(std::string_view key) {
    const auto day_row = parse_day_row(key);
    return day_row ? day_row->kind : RowKind::other;
}

Result<BlockFindings> check_block(const BlockInfo& head, const BlockInfo& stored, RowKind kind,
                                  const OpenBlock& open) {
    return BlockCheck(head, stored, kind, open).run();
}

}  // namespace nmstore
