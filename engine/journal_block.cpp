#include "engine/journal_block.h"

#include "engine/block/block.h"
#include "engine/block/id_section.h"
#include "engine/block/section.h"
#include "engine/block_builder.h"
#include "engine/block_check.h"
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

constexpr std::uint64_t kMostTextOfBlock = std::uint64_t{32}
                                           << 20;  // by default one has 2 MiB, or a long line more

// What a block takes once it is unpacked, beside its text: more than any has.
constexpr std::uint64_t kMostBesideText = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostOfLine = 64;

Error too_much() {
    return {Code::too_large, "a record of the journal has too much text"};
}

using AreFields = std::function<bool(std::string_view)>;

// Lines that are taken off what may be read.
class LineCheck {
  public:
    LineCheck(const AreFields& are_fields, std::uint64_t& left) : are_fields_(are_fields), left_(left) {}

    Result<void> run(std::string_view text, std::string_view fields) {
        const std::uint64_t bytes = text.size() + fields.size();
        if (bytes > left_) return too_much();
        left_ -= bytes;
        const bool fits = text.size() <= kMaxLineBytes + kCutMark.size() && fields.size() <= kMaxLineBytes;
        if (!fits || text.find('\n') != std::string_view::npos || (!fields.empty() && !are_fields_(fields)))
            return Error{Code::invalid_argument, "a line of the journal cannot be read"};
        return {};
    }

  private:
    const AreFields& are_fields_;
    std::uint64_t& left_;
};

Result<void> check_sent_block(const JournalReader& reader, const AreFields& are_fields,
                              std::uint64_t& text_left) {
    NM_ASSIGN(BlockInfo info, head_of(reader, 0));
    std::uint64_t of_block = std::min(text_left, kMostTextOfBlock);
    if (info.text_bytes > of_block) return too_much();
    std::uint64_t raw = 0;
    for (const std::string_view section : reader.block_sections()) {
        info.stored_bytes += section.size();
        NM_ASSIGN(const std::size_t size, block::raw_size_of_section(section));
        raw += size;
    }
    if (raw > kMostBesideText + 2 * info.text_bytes + kMostOfLine * info.lines) return wrong();
    NM_ASSIGN(const auto block, open_whole(reader, info));
    const std::uint64_t before = of_block;
    LineCheck check(are_fields, of_block);
    for (std::size_t i = 0; i < block->lines(); ++i) {
        NM_ASSIGN(const block::BlockLine line, block->line(i));
        if (line.line != 0) return wrong();
        NM_TRY(check.run(line.text, line.fields));
    }
    text_left -= before - of_block;
    NM_TRY(block->ranks());
    const auto open = [&] { return block::open_block(std::make_unique<Sections>(reader.block_sections())); };
    NM_ASSIGN(const BlockFindings found, check_block(info, info, RowKind::logs, open));
    if (found.faults.empty()) return {};
    return Error{Code::invalid_argument, "a block of the journal: " + found.faults.front().what};
}

}  // namespace

Result<void> check_journal_lines(std::string_view record, const AreFields& are_fields,
                                 std::uint64_t& text_left) {
    LineCheck check(are_fields, text_left);
    const auto lines = [&]() -> Result<void> {
        NM_ASSIGN(JournalReader reader, JournalReader::open(record));
        JournalStep step;
        for (;;) {
            NM_ASSIGN(const bool more, reader.next(step));
            if (!more) return {};
            if (step.kind == JournalStep::Kind::block)
                NM_TRY(check_sent_block(reader, are_fields, text_left));
            if (step.kind == JournalStep::Kind::line) NM_TRY(check.run(step.value, step.fields));
        }
    };
    const Result<void> checked = lines();
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
