#include "engine/record.h"

#include "engine/bytes.h"
#include "engine/write_stamps.h"

namespace nmstore::record {
namespace {

// Flags of an entry.
constexpr unsigned kExpires = 1;  // 8 bytes of expiry follow
constexpr unsigned kLine = 2;     // an appended line
constexpr unsigned kFields = 4;   // of a line: 4 bytes of the text's length, the text, the fields

Error not_a(std::string_view what) {
    return {Code::corruption, "cannot read the store: a value is not " + std::string(what)};
}

void append_text(std::string& out, std::string_view text) {
    bytes::append_little(out, static_cast<std::uint32_t>(text.size()));
    out.append(text);
}

// Takes a text from the front of `bytes`; false if it is not all there.
bool take_text(std::string_view& bytes, std::string_view& text) {
    if (bytes.size() < 4) return false;
    const std::size_t length = bytes::read_little<std::uint32_t>(bytes);
    if (bytes.size() - 4 < length) return false;
    text = bytes.substr(4, length);
    bytes.remove_prefix(4 + length);
    return true;
}

bool is_value_type(unsigned char type) {
    return type >= static_cast<unsigned char>(ValueType::utf8) &&
           type <= static_cast<unsigned char>(ValueType::time_uuid);
}

}  // namespace

std::string number(std::uint64_t number) {
    std::string out;
    bytes::append_little(out, number);
    return out;
}

Result<std::uint64_t> parse_number(std::string_view bytes) {
    if (bytes.size() != 8) return not_a("a number");
    return bytes::read_little<std::uint64_t>(bytes);
}

std::string version(std::uint32_t version) {
    std::string out;
    bytes::append_little(out, version);
    return out;
}

Result<std::uint32_t> parse_version(std::string_view bytes) {
    if (bytes.size() != 4) return not_a("a format version");
    return bytes::read_little<std::uint32_t>(bytes);
}

Result<std::int64_t> parse_counter(std::string_view bytes) {
    if (bytes.size() != 8) return not_a("a counter");
    return static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes));
}

std::string family(const FamilyInfo& info) {
    std::string out;
    out.push_back(static_cast<char>(info.comparator));
    append_text(out, info.name);
    bytes::append_little(out, static_cast<std::uint32_t>(info.columns.size()));
    for (const ColumnInfo& column : info.columns) {
        append_text(out, column.name);
        out.push_back(static_cast<char>(column.type));
        out.push_back(column.indexed ? '\1' : '\0');
    }
    return out;
}

Result<FamilyInfo> parse_family(std::uint32_t id, std::string_view bytes) {
    const Error wrong = not_a("a family");
    if (bytes.empty() || !is_value_type(static_cast<unsigned char>(bytes[0]))) return wrong;
    FamilyInfo info;
    info.id = id;
    info.comparator = static_cast<ValueType>(bytes[0]);
    bytes.remove_prefix(1);
    std::string_view text;
    if (!take_text(bytes, text) || bytes.size() < 4) return wrong;
    info.name = text;
    const std::uint32_t columns = bytes::read_little<std::uint32_t>(bytes);
    bytes.remove_prefix(4);
    for (std::uint32_t i = 0; i < columns; ++i) {
        if (!take_text(bytes, text) || bytes.size() < 2) return wrong;
        if (!is_value_type(static_cast<unsigned char>(bytes[0]))) return wrong;
        info.columns.push_back({std::string(text), static_cast<ValueType>(bytes[0]), bytes[1] != '\0'});
        bytes.remove_prefix(2);
    }
    if (!bytes.empty()) return wrong;
    return info;
}

std::string row(const Row& row) {
    std::string out;
    bytes::append_little(out, row.id);
    out.push_back(static_cast<char>(row.kind));
    bytes::append_little(out, static_cast<std::uint32_t>(row.day));
    bytes::append_little(out, static_cast<std::uint64_t>(row.min_hour));
    bytes::append_little(out, static_cast<std::uint64_t>(row.max_hour));
    out.append(row.display);
    return out;
}

Result<Row> parse_row(std::string_view bytes) {
    if (bytes.size() < 29 ||
        static_cast<unsigned char>(bytes[8]) > static_cast<unsigned char>(RowKind::alerts)) {
        return not_a("a row of the catalogue");
    }
    Row out;
    out.id = bytes::read_little<std::uint64_t>(bytes);
    out.kind = static_cast<RowKind>(bytes[8]);
    out.day = static_cast<std::int32_t>(bytes::read_little<std::uint32_t>(bytes.substr(9)));
    out.min_hour = static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes.substr(13)));
    out.max_hour = static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes.substr(21)));
    out.display = bytes.substr(29);
    return out;
}

std::string row_name(std::uint32_t family, std::string_view key) {
    std::string out;
    bytes::append_little(out, family);
    out.append(key);
    return out;
}

Result<RowName> parse_row_name(std::string_view bytes) {
    if (bytes.size() < 5) return not_a("a row's name");
    return RowName{bytes::read_little<std::uint32_t>(bytes), bytes.substr(4)};
}

void cell(std::string& out, std::int64_t expires_at_ms, std::string_view value) {
    out.clear();
    out.reserve(9 + value.size());
    out.push_back(static_cast<char>(expires_at_ms != 0 ? kExpires : 0));
    if (expires_at_ms != 0) bytes::append_little(out, static_cast<std::uint64_t>(expires_at_ms));
    out.append(value);
}

void line(std::string& out, std::string_view text, std::string_view fields) {
    out.clear();
    out.push_back(static_cast<char>(fields.empty() ? kLine : (kLine | kFields)));
    if (fields.empty()) {
        out.append(text);
    } else {
        append_text(out, text);
        out.append(fields);
    }
}

Result<Entry> parse_entry(std::string_view bytes) {
    if (bytes.empty()) return not_a("an entry");
    const auto flags = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    Entry out;
    if (flags == 0) {
        out.value = bytes;
    } else if (flags == kExpires && bytes.size() >= 8) {
        out.expires_at_ms = static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes));
        out.value = bytes.substr(8);
    } else if (flags == kLine) {
        out.is_line = true;
        out.value = bytes;
    } else if (flags == (kLine | kFields) && take_text(bytes, out.value)) {
        out.is_line = true;
        out.fields = bytes;
    } else {
        return not_a("an entry");
    }
    return out;
}

std::string index_entry(RowId row, std::int64_t expires_at_ms) {
    std::string out;
    bytes::append_little(out, row);
    bytes::append_little(out, static_cast<std::uint64_t>(expires_at_ms));
    return out;
}

Result<IndexEntry> parse_index_entry(std::string_view bytes) {
    if (bytes.size() != 16) return not_a("an index entry");
    return IndexEntry{bytes::read_little<std::uint64_t>(bytes),
                      static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes.substr(8)))};
}

std::string block_head(const BlockInfo& info) {
    std::string out;
    for (const LineId* id : {&info.first, &info.last}) {
        bytes::append_little(out, static_cast<std::uint64_t>(id->time_ms));
        bytes::append_little(out, id->sequence);
        bytes::append_little(out, id->line);
    }
    bytes::append_little(out, info.lines);
    bytes::append_little(out, info.text_bytes);
    bytes::append_little(out, info.stored_bytes);
    bytes::append_little(out, info.sections);
    out.push_back(info.tight ? '\1' : '\0');
    if (info.cells == 0) return out;
    bytes::append_little(out, info.cells);
    for (const std::int64_t time :
         {info.first_cell_ms, info.last_cell_ms, info.first_expiry_ms, info.last_expiry_ms}) {
        bytes::append_little(out, static_cast<std::uint64_t>(time));
    }
    if (info.decided_to_ms > info.last_cell_ms)
        bytes::append_little(out, static_cast<std::uint64_t>(info.decided_to_ms));
    return out;
}

Result<BlockInfo> parse_block_head(RowId row, std::uint64_t number, std::string_view bytes) {
    constexpr std::size_t kIdBytes = 20;
    constexpr std::size_t kLinesBytes = 2 * kIdBytes + 29;
    constexpr std::size_t kCellsBytes = 40;
    constexpr std::size_t kDecidedBytes = 8;
    const bool is_decided = bytes.size() == kLinesBytes + kCellsBytes + kDecidedBytes;
    const bool of_cells = bytes.size() == kLinesBytes + kCellsBytes || is_decided;
    if (bytes.size() != kLinesBytes && !of_cells) return not_a("a block's head");
    BlockInfo info;
    info.number = number;
    for (LineId* id : {&info.first, &info.last}) {
        id->row = row;
        id->time_ms = static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes));
        id->sequence = bytes::read_little<std::uint64_t>(bytes.substr(8));
        id->line = bytes::read_little<std::uint32_t>(bytes.substr(16));
        bytes.remove_prefix(kIdBytes);
    }
    info.lines = bytes::read_little<std::uint64_t>(bytes);
    info.text_bytes = bytes::read_little<std::uint64_t>(bytes.substr(8));
    info.stored_bytes = bytes::read_little<std::uint64_t>(bytes.substr(16));
    info.sections = bytes::read_little<std::uint32_t>(bytes.substr(24));
    info.tight = bytes[28] != '\0';
    if (!of_cells) return info;
    bytes.remove_prefix(kLinesBytes - 2 * kIdBytes);
    info.cells = bytes::read_little<std::uint64_t>(bytes);
    if (info.cells == 0) return not_a("a block's head");
    for (std::int64_t* time :
         {&info.first_cell_ms, &info.last_cell_ms, &info.first_expiry_ms, &info.last_expiry_ms}) {
        bytes.remove_prefix(8);
        *time = static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes));
    }
    info.decided_to_ms = info.last_cell_ms;
    if (!is_decided) return info;
    bytes.remove_prefix(8);
    info.decided_to_ms = static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(bytes));
    if (info.decided_to_ms <= info.last_cell_ms) return not_a("a block's head");
    return info;
}

bool has_expired(kv::Space space, std::string_view bytes, std::int64_t now_ms) {
    if (space == kv::Space::cells || space == kv::Space::entries) {
        const Result<Entry> entry = parse_entry(bytes);
        return entry.ok() && has_expired(entry->expires_at_ms, now_ms);
    }
    if (space == kv::Space::index) {
        const Result<IndexEntry> entry = parse_index_entry(bytes);
        return entry.ok() && has_expired(entry->expires_at_ms, now_ms);
    }
    if (space == kv::Space::changes) return write_stamps::has_expired(bytes, now_ms);
    return false;
}

}  // namespace nmstore::record
