#include "engine/block_builder.h"

#include <algorithm>
#include <tuple>

namespace nmstore {

void BlockBuilder::add(std::int64_t time_ms, std::uint64_t sequence, std::string_view text,
                       std::string_view fields) {
    if (!lines_.empty()) {
        const Place& last = lines_.back();
        sorted_ = sorted_ && std::tie(last.time_ms, last.sequence) < std::tie(time_ms, sequence);
    }
    lines_.push_back({time_ms, sequence, text_.size(), static_cast<std::uint32_t>(text.size()),
                      static_cast<std::uint32_t>(fields.size())});
    text_.append(text);
    if (!fields.empty()) text_.append(1, '\n').append(fields);
    bytes_ += text.size() + fields.size();
}

BlockBuilder::GatheredLine BlockBuilder::operator[](std::size_t i) const {
    const Place& place = lines_[i];
    const std::string_view all(text_);
    return {place.time_ms, place.sequence, all.substr(place.begin, place.text_bytes),
            place.field_bytes == 0 ? std::string_view()
                                   : all.substr(place.begin + place.text_bytes + 1, place.field_bytes)};
}

// All lines in their order, which are no longer here.
block::BlockWriter BlockBuilder::gather() {
    block::BlockWriter writer;
    writer.reserve(lines_.size());
    if (sorted_) {
        writer.adopt(std::move(text_));
        for (const Place& place : lines_) {
            const bool fields = place.field_bytes != 0;
            const std::size_t end = place.begin + place.text_bytes + (fields ? 1 + place.field_bytes : 0);
            writer.add_adopted({place.time_ms, place.sequence, 0}, end, fields);
        }
        return writer;
    }
    std::sort(lines_.begin(), lines_.end(), [](const Place& a, const Place& b) {
        return std::tie(a.time_ms, a.sequence) < std::tie(b.time_ms, b.sequence);
    });
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const GatheredLine line = (*this)[i];
        writer.add({line.time_ms, line.sequence, 0, line.text, line.fields});
    }
    return writer;
}

Result<BuiltBlock> BlockBuilder::build(Core& core, RowId row, int level) {
    NM_CHECK(!lines_.empty());
    block::BlockWriter writer = gather();
    BuiltBlock out;
    out.info.first = {lines_.front().time_ms, row, lines_.front().sequence, 0};
    out.info.last = {lines_.back().time_ms, row, lines_.back().sequence, 0};
    out.info.lines = lines_.size();
    out.info.text_bytes = bytes_;
    out.info.tight = level >= block::kTightLevel;
    clear();
    NM_ASSIGN(out.sections, writer.finish_sections({}, level));
    NM_ASSIGN(out.info.number, core.block_numbers.take());
    out.info.sections = static_cast<std::uint32_t>(out.sections.size());
    for (const std::string& section : out.sections) out.info.stored_bytes += section.size();
    return out;
}

void BlockBuilder::clear() {
    *this = BlockBuilder();
}

}  // namespace nmstore
