#include "engine/journal_block.h"

#include "engine/block/block.h"
#include "engine/block/id_section.h"
#include "engine/block/section.h"
#include "engine/block_builder.h"
#include "engine/record.h"
#include "nmstore/store.h"

namespace nmstore {
namespace {

Error wrong() {
    return {Code::corruption, "a block of a journal's record is none"};
}

class SectionViews final : public block::SectionSource {
  public:
    explicit SectionViews(const std::vector<std::string>& sections) : sections_(sections) {}
    std::size_t size() const override { return sections_.size(); }
    Result<std::string> read(std::size_t section) override {
        return block::decompress_section(sections_[section]);
    }

  private:
    const std::vector<std::string>& sections_;
};

// One that cannot be read would end every search that comes to it, here and where it is passed on to. What a
// search reads to leave a block out (filter, summaries) harms nobody else if it is wrong.
Result<void> check_all_is_there(BuiltBlock& built) {
    const auto reader = block::open_block(std::make_unique<SectionViews>(built.sections));
    NM_TRY(reader->read_directory());
    if (reader->lines() != built.info.lines) return wrong();
    NM_ASSIGN(const std::string_view extras, reader->extras());
    if (!extras.empty()) return wrong();
    built.info.text_bytes = 0;
    for (std::size_t i = 0; i < reader->lines(); ++i) {
        NM_ASSIGN(const block::BlockLine line, reader->line(i));
        if (line.line != 0 || line.text.size() > kMaxLineBytes + kCutMark.size() ||
            line.text.find('\n') != std::string_view::npos || line.fields.size() > kMaxLineBytes)
            return wrong();
        built.info.text_bytes += line.text.size() + line.fields.size();
    }
    return {};
}

}  // namespace

Result<BuiltBlock> take_journal_block(Core& core, const JournalReader& reader, RowId row,
                                      SequenceRanges& sequences) {
    BuiltBlock out;
    NM_ASSIGN(out.info, record::parse_block_head(row, 0, reader.block_head()));
    BlockInfo& info = out.info;
    const std::vector<std::string_view>& sections = reader.block_sections();
    // Only commits' own blocks stand in a journal.
    if (info.cells != 0 || info.lines == 0 || info.lines > BlockBuilder::kMaxLines ||
        sections.size() < block::kFirstGroup || info.sections != sections.size())
        return wrong();
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
    NM_TRY(check_all_is_there(out));
    NM_ASSIGN(info.number, core.block_numbers.take());
    return out;
}

}  // namespace nmstore
