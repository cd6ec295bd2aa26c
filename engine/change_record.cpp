#include "engine/change_record.h"

namespace nmstore {
namespace {

constexpr unsigned char kVersion = 1;

// Numbers of 7 bits a byte, the lowest first; signed ones with their sign in the lowest bit.
void append(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(0x80 | (number & 0x7f)));
    out.push_back(static_cast<char>(number));
}
void append_signed(std::string& out, std::int64_t number) {
    append(out, (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63));
}
void append_text(std::string& out, std::string_view text) {
    append(out, text.size());
    out += text;
}
// Times of one row lie near each other, and wrap around where they do not.
std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// Reads from the front; once something is missing all it gives is 0, and ok() is false.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() {
        std::uint64_t out = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return out;
        }
        ok_ = false;
        bytes_ = {};
        return 0;
    }
    std::int64_t signed_number() {
        const std::uint64_t folded = number();
        return static_cast<std::int64_t>((folded >> 1) ^ (~(folded & 1) + 1));
    }
    // Of things that take a byte each at least, so that nothing is made room for that cannot be there.
    std::size_t count() {
        const std::uint64_t count = number();
        if (count <= bytes_.size()) return static_cast<std::size_t>(count);
        ok_ = false;
        bytes_ = {};
        return 0;
    }
    std::string text() {
        const std::size_t size = count();
        std::string out(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return out;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return bytes_.empty(); }

  private:
    std::string_view bytes_;
    bool ok_ = true;
};

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
    std::string out(1, static_cast<char>(kVersion));
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
    if (bytes.empty() || static_cast<unsigned char>(bytes.front()) != kVersion) return wrong;
    Reader in(bytes.substr(1));
    ChangeRecord change;
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
