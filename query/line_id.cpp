#include "query/line_id.h"

#include <limits>

#include "query/search.h"

namespace nmstore::query {

namespace {

constexpr std::uint64_t kLineIdVersion = 1;

constexpr LineId kFirst{std::numeric_limits<std::int64_t>::min(), 0, 0, 0};
constexpr LineId kLast{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<RowId>::max(),
                       std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint32_t>::max()};

}  // namespace

void write_line_id(OpaqueWriter& out, const LineId& id) {
    out.signed_number(id.time_ms);
    out.number(id.row);
    out.number(id.sequence);
    out.number(id.line);
}

LineId read_line_id(OpaqueReader& in) {
    LineId id;
    id.time_ms = in.signed_number();
    id.row = in.number();
    id.sequence = in.number();
    const std::uint64_t line = in.number();
    // Written numbers always fit; one that does not makes an id that no line has.
    id.line = line > kLast.line ? kLast.line : static_cast<std::uint32_t>(line);
    return id;
}

LineId next_line_id(LineId id) {
    if (id == kLast) return id;
    if (++id.line != 0) return id;
    if (++id.sequence != 0) return id;
    if (++id.row != 0) return id;
    ++id.time_ms;
    return id;
}

LineId previous_line_id(LineId id) {
    if (id == kFirst) return id;
    if (id.line-- != 0) return id;
    if (id.sequence-- != 0) return id;
    if (id.row-- != 0) return id;
    --id.time_ms;
    return id;
}

LineId last_line_id(std::int64_t time_ms, RowId row) {
    return {time_ms, row, kLast.sequence, kLast.line};
}

LineId first_line_id(std::int64_t time_ms, RowId row) {
    return {time_ms, row, 0, 0};
}

std::string format_line_id(const LineId& id) {
    OpaqueWriter out;
    out.number(kLineIdVersion);
    write_line_id(out, id);
    return out.text();
}

Result<LineId> parse_line_id(std::string_view text) {
    OpaqueReader in(text);
    const std::uint64_t version = in.number();
    const LineId id = read_line_id(in);
    if (version != kLineIdVersion || !in.complete() || format_line_id(id) != text)
        return Error{Code::invalid_argument, "the id of a line is not one that this server gave out"};
    return id;
}

}  // namespace nmstore::query
