#include "engine/postings/ranges.h"

#include "engine/block/stream.h"

namespace nmstore::postings {
namespace {

constexpr std::size_t kLeastBytes = 3;  // of a range

}  // namespace

std::string write_ranges(const std::vector<PlacedRange>& ranges) {
    std::string out;
    block::put_varint(out, ranges.size());
    PlacedRange last;
    for (const PlacedRange& range : ranges) {
        block::put_varint(out, range.place - last.place);
        block::put_varint(out, range.place == last.place ? range.least - last.least : range.least);
        block::put_varint(out, range.greatest - range.least);
        last = range;
    }
    return out;
}

Result<std::vector<PlacedRange>> parse_ranges(const Segment& segment, std::string_view bytes) {
    block::Reader reader(bytes);
    const std::size_t count = reader.size(bytes.size() / kLeastBytes);
    std::vector<PlacedRange> out;
    out.reserve(count);
    PlacedRange last;
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        PlacedRange range;
        range.place = last.place + static_cast<std::uint32_t>(reader.size(segment.blocks.size() - 1));
        range.least = reader.varint();
        if (range.place == last.place) range.least += last.least;
        range.greatest = range.least + reader.varint();
        if (range.place >= segment.blocks.size() || range.greatest < range.least) reader.fail();
        out.push_back(range);
        last = range;
    }
    if (reader.failed() || !reader.at_end()) return corrupt_index("ranges of numbers do not add up");
    return out;
}

}  // namespace nmstore::postings
