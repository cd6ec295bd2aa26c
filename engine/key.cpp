#include "engine/key.h"

#include "engine/bytes.h"

namespace nmstore::key {
namespace {

constexpr char kFamilyRows = 'k';

// In a counter's row, 0x00 is written 0x00 0xff; 0x00 0x01 ends it. So rows keep their byte order, and no
// column can be taken for a part of a row.
constexpr char kEscaped = '\xff';
constexpr char kRowEnd = '\x01';
constexpr char kBehindRow = '\x02';

constexpr char kBlockHead = 'h';
constexpr char kBlockSection = 's';

constexpr char kSegmentHead = 'h';
constexpr char kSegmentPage = 'p';
constexpr char kSegmentRanges = 'r';

constexpr char kPlainValue = 0;
constexpr char kHashedValue = 1;

Error not_a(std::string_view what) {
    return {Code::corruption, "cannot read the store: a key is not " + std::string(what)};
}

void append_escaped_row(std::string& out, std::string_view row) {
    for (const char c : row) {
        out.push_back(c);
        if (c == '\0') out.push_back(kEscaped);
    }
}

// FNV-1a, 64 bits: stable for ever, and good enough for a first cut that is then checked.
std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3u;
    }
    return hash;
}

}  // namespace

std::string family(std::uint32_t id) {
    std::string out;
    bytes::append_big(out, id);
    return out;
}

Result<std::uint32_t> parse_family(std::string_view key) {
    if (key.size() != sizeof(std::uint32_t)) return not_a("a family's");
    return bytes::read_big<std::uint32_t>(key);
}

std::string rows_of_family(std::uint32_t family) {
    std::string out(1, kFamilyRows);
    bytes::append_big(out, family);
    return out;
}

std::optional<std::uint32_t> parse_rows_of_family(std::string_view partition) {
    if (partition.size() != 5 || partition[0] != kFamilyRows) return std::nullopt;
    return bytes::read_big<std::uint32_t>(partition.substr(1));
}

std::string row(RowId id) {
    std::string out;
    bytes::append_big(out, id);
    return out;
}

Result<RowId> parse_row(std::string_view key) {
    if (key.size() != sizeof(RowId)) return not_a("a row's");
    return bytes::read_big<RowId>(key);
}

std::string change(std::uint64_t number) {
    std::string out;
    bytes::append_big(out, number);
    return out;
}

Result<std::uint64_t> parse_change(std::string_view key) {
    if (key.size() != sizeof(std::uint64_t)) return not_a("a change's");
    return bytes::read_big<std::uint64_t>(key);
}

std::string notes(std::string_view area) {
    return "notes " + std::string(area);
}

std::string entry(std::int64_t time_ms, std::uint64_t sequence) {
    std::string out;
    bytes::append_sortable(out, time_ms);
    if (sequence != 0) bytes::append_big(out, sequence);
    return out;
}

std::string entries_end(std::int64_t time_ms) {
    std::string out;
    bytes::append_sortable(out, time_ms);
    out.append(9, '\xff');
    return out;
}

Result<Entry> parse_entry(std::string_view key) {
    if (key.size() != 8 && key.size() != 16) return not_a("an entry's");
    Entry out;
    out.time_ms = bytes::read_sortable(key);
    if (key.size() == 16) out.sequence = bytes::read_big<std::uint64_t>(key.substr(8));
    return out;
}

std::string block_head(std::uint64_t number) {
    std::string out(1, kBlockHead);
    bytes::append_big(out, number);
    return out;
}

std::string block_section(std::uint64_t number, std::size_t section) {
    std::string out(1, kBlockSection);
    bytes::append_big(out, number);
    bytes::append_big(out, static_cast<std::uint32_t>(section));
    return out;
}

std::string_view block_heads_end() {
    return {&kBlockSection, 1};
}

Result<BlockPart> parse_block_part(std::string_view key) {
    const bool is_head = key.size() == 9 && key[0] == kBlockHead;
    if (!is_head && (key.size() != 13 || key[0] != kBlockSection)) return not_a("a block's");
    BlockPart part;
    part.number = bytes::read_big<std::uint64_t>(key.substr(1));
    if (!is_head) part.section = bytes::read_big<std::uint32_t>(key.substr(9));
    return part;
}

std::string segment(std::uint64_t number) {
    std::string out;
    bytes::append_big(out, number);
    return out;
}

Result<std::uint64_t> parse_segment(std::string_view partition) {
    if (partition.size() != sizeof(std::uint64_t)) return not_a("an index segment's");
    return bytes::read_big<std::uint64_t>(partition);
}

std::string_view segment_head() {
    return {&kSegmentHead, 1};
}

std::string segment_page(std::size_t page) {
    std::string out(1, kSegmentPage);
    bytes::append_big(out, static_cast<std::uint32_t>(page));
    return out;
}

std::string segment_ranges(std::uint32_t width) {
    return {kSegmentRanges, static_cast<char>(static_cast<unsigned char>(width))};
}

Result<SegmentPart> parse_segment_part(std::string_view key) {
    if (key == segment_head()) return SegmentPart{};
    if (key.size() == 5 && key[0] == kSegmentPage)
        return SegmentPart{SegmentPart::page, bytes::read_big<std::uint32_t>(key.substr(1))};
    if (key.size() == 2 && key[0] == kSegmentRanges)
        return SegmentPart{SegmentPart::ranges, static_cast<unsigned char>(key[1])};
    return not_a("an index segment's");
}

std::string counter(std::string_view row, std::string_view column) {
    std::string out = counters_begin(row);
    out.append(column);
    return out;
}

std::string counters_begin(std::string_view row) {
    std::string out;
    append_escaped_row(out, row);
    out.push_back('\0');
    out.push_back(kRowEnd);
    return out;
}

std::string counters_end(std::string_view row) {
    std::string out;
    append_escaped_row(out, row);
    out.push_back('\0');
    out.push_back(kBehindRow);
    return out;
}

std::string counter_rows_from(std::string_view text) {
    std::string out;
    append_escaped_row(out, text);
    return out;
}

Result<Counter> parse_counter(std::string_view key) {
    Counter out;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (key[i] != '\0') {
            out.row.push_back(key[i]);
            continue;
        }
        if (++i == key.size()) break;
        if (key[i] == kRowEnd) {
            out.column = key.substr(i + 1);
            return out;
        }
        if (key[i] != kEscaped) break;
        out.row.push_back('\0');
    }
    return not_a("a counter's");
}

std::string index_of_column(std::uint32_t family, std::string_view sortable_column) {
    std::string out;
    bytes::append_big(out, family);
    out.append(sortable_column);
    return out;
}

Result<IndexPartition> parse_index_partition(std::string_view partition) {
    if (partition.size() < 5) return not_a("an index's");
    return IndexPartition{bytes::read_big<std::uint32_t>(partition), partition.substr(4)};
}

std::string index_value(std::string_view value) {
    std::string out;
    if (value.size() <= kMaxIndexedBytes) {
        out.push_back(kPlainValue);
        bytes::append_big(out, static_cast<std::uint16_t>(value.size()));
        out.append(value);
    } else {
        out.push_back(kHashedValue);
        bytes::append_big(out, fnv1a(value));
        bytes::append_big(out, static_cast<std::uint64_t>(value.size()));
    }
    return out;
}

Result<std::size_t> index_value_bytes(std::string_view key) {
    if (is_hashed_index_value(key) && key.size() >= 17) return std::size_t{17};
    if (key.size() >= 3 && key[0] == kPlainValue) {
        const std::size_t length = std::size_t{3} + bytes::read_big<std::uint16_t>(key.substr(1));
        if (key.size() >= length) return length;
    }
    return not_a("an index entry's");
}

bool is_hashed_index_value(std::string_view key) {
    return !key.empty() && key[0] == kHashedValue;
}

}  // namespace nmstore::key
