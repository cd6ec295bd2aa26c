#include "engine/journal_block.h"

#include "engine/block/block.h"
#include "engine/block/id_section.h"
#include "engine/block/section.h"
#include "engine/block_builder.h"
#include "engine/record.h"
#include "nmstore/journal_check.h"
#include "nmstore/line.h"

namespace nmstore {
namespace {

Error wrong() {
    return {Code::corruption, "a block of a journal's record is none"};
}

class Sections final : public block::SectionSource {
  public:
    explicit Sections(const std::vector<std::string_view>& stored) : stored_(stored) {}
    std::size_t size() const override { return stored_.size(); }
    Result<std::string> read(std::size_t section) override {
        return block::decompress_section(stored_[section]);
    }

  private:
    const std::vector<std::string_view>& stored_;
};

// Only commits' own blocks stand in a journal.
Result<BlockInfo> head_of(const JournalReader& reader, RowId row) {
    NM_ASSIGN(BlockInfo info, record::parse_block_head(row, 0, reader.block_head()));
    const std::size_t sections = reader.block_sections().size();
    if (info.cells != 0 || info.lines == 0 || info.lines > BlockBuilder::kMaxLines ||
        sections < block::kFirstGroup || info.sections != sections)
        return wrong();
    return info;
}

// What was damaged on its way, or at the hub that sent it, is found by the sections' checksums. The journal's
// reader must outlive the block's, and stay where it is.
Result<std::unique_ptr<block::BlockReader>> open_whole(const JournalReader& reader, const BlockInfo& info) {
    auto block = block::open_block(std::make_unique<Sections>(reader.block_sections()));
    NM_TRY(block->read_directory());
    NM_ASSIGN(const std::string_view extras, block->extras());
    if (block->lines() != info.lines || !extras.empty()) return wrong();
    for (const std::string_view section : reader.block_sections()) NM_TRY(block::decompress_section(section));
    return block;
}

Result<void> check_lines(const JournalReader& reader) {
    NM_ASSIGN(const BlockInfo info, head_of(reader, 0));
    NM_ASSIGN(const auto block, open_whole(reader, info));
    for (std::size_t column = 0; column < block->columns(); ++column) {
        NM_TRY(block->column(column));
        if (block->summary(column).number) NM_TRY(block->column_numbers(column));
    }
    NM_TRY(block->ranks());
    for (std::size_t i = 0; i < block->lines(); ++i) {
        NM_ASSIGN(const block::BlockLine line, block->line(i));
        if (line.line != 0 || line.text.size() > kMaxLineBytes + kCutMark.size() ||
            line.text.find('\n') != std::string_view::npos || line.fields.size() > kMaxLineBytes)
            return wrong();
    }
    return {};
}

}  // namespace

Result<void> check_journal_blocks(std::string_view record) {
    const auto blocks = [&]() -> Result<void> {
        NM_ASSIGN(JournalReader reader, JournalReader::open(record));
        JournalStep step;
        for (;;) {
            NM_ASSIGN(const bool more, reader.next(step));
            if (!more) return {};
            if (step.kind == JournalStep::Kind::block) NM_TRY(check_lines(reader));
        }
    };
    const Result<void> checked = blocks();
    if (checked.ok() || checked.error().code != Code::corruption) return checked;
    return Error{Code::invalid_argument, "a block of the journal cannot be read: " + checked.error().message};
}

Result<BuiltBlock> take_journal_block(Core& core, const JournalReader& reader, RowId row,
                                      SequenceRanges& sequences) {
    BuiltBlock out;
    NM_ASSIGN(out.info, head_of(reader, row));
    NM_TRY(open_whole(reader, out.info));
    BlockInfo& info = out.info;
    const std::vector<std::string_view>& sections = reader.block_sections();
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
