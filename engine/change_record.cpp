#include "engine/change_record.h"

#include "engine/packed_text.h"

namespace nmstore {
namespace {

using packed::append;
using packed::append_signed;
using packed::append_text;
using packed::Reader;

constexpr unsigned char kVersion = 1;
constexpr unsigned char kForeign = 2;  // the same, of a change that was made at another hub

// Times of one row lie near each other, and wrap around where they do not.
std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

void append_row(std::string& out, const ChangedRow& row) {
    append(out, row.row);
    append(out, row.lines);
    if (row.lines != 0) {
        append_signed(out, row.first_ms);
        append_signed(out, difference(row.last_ms, row.first_ms));
        append(out, row.blocks.size());
        for (const std::uint64_t block : row.blocks) append(out, block);
    }
    append(out, row.cells_ms.size());
    std::int64_t last = 0;
    for (const std::int64_t time_ms : row.cells_ms) {
        append_signed(out, difference(time_ms, last));
        last = time_ms;
    }
}

ChangedRow read_row(Reader& in) {
    ChangedRow row;
    row.row = in.number();
    row.lines = in.number();
    if (row.lines != 0) {
        row.first_ms = in.signed_number();
        row.last_ms = sum(row.first_ms, in.signed_number());
        row.blocks.resize(in.count());
        for (std::uint64_t& block : row.blocks) block = in.number();
    }
    row.cells_ms.resize(in.count());
    std::int64_t last = 0;
    for (std::int64_t& time_ms : row.cells_ms) time_ms = last = sum(last, in.signed_number());
    return row;
}

}  // namespace

std::string format_change(const ChangeRecord& change) {
    std::string out(1, static_cast<char>(change.foreign ? kForeign : kVersion));
    append_signed(out, change.time_ms);
    append(out, change.sequences.size());
    std::uint64_t last = 0;
    for (const SequenceRange& range : change.sequences) {
        append(out, range.first - last);
        append(out, range.end - range.first);
        last = range.end;
    }
    append(out, change.rows.size());
    for (const ChangedRow& row : change.rows) append_row(out, row);
    append(out, change.values.size());
    for (const StoredValue& value : change.values) {
        append(out, value.family);
        append_text(out, value.row);
        append_text(out, value.column);
        append_text(out, value.value);
    }
    return out;
}

Result<ChangeRecord> parse_change(std::string_view bytes) {
    const Error wrong{Code::corruption, "cannot read the store: a value is not a change"};
    if (bytes.empty()) return wrong;
    const auto version = static_cast<unsigned char>(bytes.front());
    if (version != kVersion && version != kForeign) return wrong;
    Reader in(bytes.substr(1));
    ChangeRecord change;
    change.foreign = version == kForeign;
    change.time_ms = in.signed_number();
    change.sequences.resize(in.count());
    std::uint64_t last = 0;
    for (SequenceRange& range : change.sequences) {
        range.first = last + in.number();
        range.end = last = range.first + in.number();
    }
    change.rows.resize(in.count());
    for (ChangedRow& row : change.rows) row = read_row(in);
    change.values.resize(in.count());
    for (StoredValue& value : change.values) {
        value.family = static_cast<std::uint32_t>(in.number());
        value.row = in.text();
        value.column = in.text();
        value.value = in.text();
    }
    if (!in.ok() || !in.at_end()) return wrong;
    return change;
}

}  // namespace nmstore
