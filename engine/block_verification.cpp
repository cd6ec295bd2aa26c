#include "engine/block_verification.h"

#include <algorithm>

#include "engine/cell_blocks.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/stored_block.h"
#include "nmstore/words.h"

namespace nmstore {
namespace {

Error wrong(std::string what) {
    return {Code::corruption, std::move(what)};
}

Result<void> check_words(block::BlockReader& reader, std::string_view text,
                         const block::ColumnSummary* column) {
    WordScanner words(text);
    for (WordAt at; words.next(at);) {
        const block::SoughtWord word(text.substr(at.begin, at.end - at.begin));
        NM_ASSIGN(const bool there, reader.may_have_word(word));
        if (!there || (column != nullptr && !column->may_hold(word))) {
            return wrong(std::string("its ") + (there ? "directory" : "filter") + " lacks the word \"" +
                         std::string(text.substr(at.begin, at.end - at.begin)) + "\"");
        }
    }
    return {};
}

Result<void> check_filter(block::BlockReader& reader) {
    for (const block::Template& made : reader.templates()) {
        if (!made.plain) NM_TRY(check_words(reader, made.pattern, nullptr));
        for (const auto& variable : made.variables) {
            if (variable.single) {
                NM_TRY(check_words(reader, variable.value, nullptr));
                continue;
            }
            NM_ASSIGN(const auto* values, reader.column(variable.column));
            const block::ColumnSummary& summary = reader.summary(variable.column);
            if (summary.number) {
                NM_TRY(reader.column_numbers(variable.column));
            }
            for (std::size_t i = 0; i < values->size(); ++i)
                NM_TRY(check_words(reader, (*values)[i], &summary));
        }
    }
    return {};
}

}  // namespace

Result<void> BlockVerification::check_cells(const Core& core, const SnapshotPtr& snapshot,
                                            const BlockInfo& info) {
    NM_ASSIGN(const auto block, CellBlock::open(core, info, snapshot));
    const auto& cells = block->cells();
    if (cells.size() != info.cells || cells.front().time_ms != info.first_cell_ms ||
        cells.back().time_ms != info.last_cell_ms)
        return wrong("it has other cells than its head says");
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::int64_t expiry = cells[i].expires_at_ms;
        if (expiry != 0 && (expiry < info.first_expiry_ms || expiry > info.last_expiry_ms))
            return wrong("a cell expires at another time than its head says");
        NM_TRY(block->value(i));
    }
    return {};
}

std::string name_of(const BlockInfo& block) {
    return "block " + std::to_string(block.number) + " of row number " + std::to_string(block.first.row);
}

Result<void> BlockVerification::note(RowId row, std::string_view key, std::string_view value) {
    NM_ASSIGN(const key::BlockPart part, key::parse_block_part(key));
    Parts& parts = blocks_[{row, part.number}];
    parts.info.number = part.number;
    parts.info.first.row = row;
    next_number_ = std::max(next_number_, part.number + 1);
    if (part.section) {
        parts.stored_bytes += value.size();
        parts.whole = *part.section == key::kWholeBlock;
        if (parts.whole) return {};
        parts.end = std::max(parts.end, *part.section + 1);
        return {};
    }
    NM_ASSIGN(parts.info, record::parse_block_head(row, part.number, value));
    parts.has_head = true;
    lines_ += parts.info.lines;
    text_bytes_ += parts.info.text_bytes;
    stored_bytes_ += parts.info.stored_bytes;
    return {};
}

Result<void> BlockVerification::check(const Core& core, const SnapshotPtr& snapshot, const Progress& progress,
                                      const std::function<void(const BlockInfo&)>& each,
                                      const std::function<void(std::string)>& problem) {
    std::uint64_t done = 0;
    for (const auto& [where, parts] : blocks_) {
        const std::string name = name_of(parts.info);
        if (!parts.has_head) {
            problem(name + " has sections, but no head");
            continue;
        }
        each(parts.info);
        if (parts.end > parts.info.sections) problem(name + " has more sections than its head says");
        const std::uint64_t sizes = parts.whole ? std::uint64_t{4} * parts.info.sections : 0;
        if (parts.stored_bytes != parts.info.stored_bytes + sizes || parts.whole != is_whole(parts.info))
            problem(name + " has another size than its head says");
        const Result<void> checked = check_block(core, snapshot, parts.info);
        if (!checked.ok() && checked.error().code != Code::corruption) return checked;
        if (!checked.ok()) problem(name + ": " + checked.error().message);
        if (progress && !progress({"verify", ++done, blocks_.size(), "blocks"}))
            return Error{Code::cancelled, "the verification was stopped"};
    }
    return {};
}

Result<void> BlockVerification::check_block(const Core& core, const SnapshotPtr& snapshot,
                                            const BlockInfo& info) {
    const auto reader = open_stored_block(core, info, snapshot);
    NM_TRY(reader->read_directory());
    if (reader->lines() != info.lines) return wrong("it has other lines than its head says");
    std::uint64_t text_bytes = 0;
    LineId last;
    for (std::size_t i = 0; i < reader->lines(); ++i) {
        NM_ASSIGN(const block::BlockLine line, reader->line(i));
        const LineId id{line.time_ms, info.first.row, line.sequence, line.line};
        if (i == 0 ? id != info.first : id <= last) return wrong("its lines are not in order");
        if ((line.sequence == 0) != (info.cells != 0)) return wrong("a line is not of its kind");
        text_bytes += line.text.size() + line.fields.size();
        next_sequence_ = std::max(next_sequence_, line.sequence + 1);
        last = id;
    }
    if (last != info.last) return wrong("it ends elsewhere than its head says");
    if (text_bytes != info.text_bytes) return wrong("its text has another size than its head says");
    if (info.cells != 0) NM_TRY(check_cells(core, snapshot, info));
    return check_filter(*reader);
}

}  // namespace nmstore
