#include "engine/journal_block.h"

#include "engine/block/block.h"
#include "engine/block/id_section.h"
#include "engine/block/section.h"
#include "engine/block_builder.h"
#include "engine/record.h"

namespace nmstore {

Result<BuiltBlock> take_journal_block(Core& core, const JournalReader& reader, RowId row,
                                      SequenceRanges& sequences) {
    const Error wrong{Code::corruption, "a block of a journal's record is none"};
    BuiltBlock out;
    NM_ASSIGN(out.info, record::parse_block_head(row, 0, reader.block_head()));
    BlockInfo& info = out.info;
    const std::vector<std::string_view>& sections = reader.block_sections();
    // Only commits' own blocks stand in a journal.
    if (info.cells != 0 || info.lines == 0 || info.lines > BlockBuilder::kMaxLines ||
        sections.size() <= block::kFirstGroup || info.sections != sections.size())
        return wrong;
    out.sections.assign(sections.begin(), sections.end());

    NM_ASSIGN(const std::uint64_t first, sequences.next_in_a_row(info.lines));
    NM_ASSIGN(const std::string ids, block::decompress_section(sections[block::kIds]));
    std::vector<std::int64_t> times;
    NM_ASSIGN(const std::string renumbered, block::renumber_ids(ids, info.lines, first, times));
    NM_ASSIGN(out.sections[block::kIds], block::compress_section(renumbered, block::kFastLevel));
    info.first = {times.front(), row, first, 0};
    info.last = {times.back(), row, first + info.lines - 1, 0};
    info.stored_bytes = 0;
    for (const std::string& section : out.sections) info.stored_bytes += section.size();
    NM_ASSIGN(info.number, core.block_numbers.take());
    return out;
}

}  // namespace nmstore
