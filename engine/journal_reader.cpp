#include <utility>

#include "engine/journal_codes.h"
#include "engine/journal_record.h"
#include "engine/packed_text.h"
#include "engine/record.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

using namespace journal;

Error no_record() {
    return {Code::corruption, "not a record of a journal"};
}

Result<ValueType> read_type(packed::Reader& in) {
    const unsigned char byte = in.byte();
    if (byte < static_cast<unsigned char>(ValueType::utf8) ||
        byte > static_cast<unsigned char>(ValueType::time_uuid))
        return no_record();
    return static_cast<ValueType>(byte);
}

}  // namespace

Result<JournalReader> JournalReader::open(std::string_view record) {
    if (record.empty() || (record[0] != kVersion && record[0] != kForeign)) return no_record();
    packed::Reader in(record.substr(1));
    JournalReader out;
    out.record_ = record;
    out.stamp_ = in.number();
    if (record[0] == kForeign) {
        out.origin_ = in.text();
        out.origin_number_ = in.number();
        if (out.origin_.size() != 2 * kHubIdBytes) return no_record();
    }
    if (!in.ok()) return no_record();
    out.at_ = record.size() - in.left();
    return out;
}

// Steps that are of a row, or name one; whether it is to be shown.
Result<bool> JournalReader::read_of_row(std::uint8_t code, packed::Reader& in, JournalStep& step) {
    using Kind = JournalStep::Kind;
    if (static_cast<Stored>(code) == Stored::row) {
        family_ = in.text();
        NM_ASSIGN(comparator_, read_type(in));
        row_ = in.text();
        display_ = {};
        if (family_.empty()) return no_record();
        return false;
    }
    if (family_.empty()) return no_record();
    step.family = family_;
    step.row = row_;
    switch (static_cast<Stored>(code)) {
        case Stored::display:
            display_ = in.text();
            return false;
        case Stored::remove_row:
            step.kind = Kind::remove_row;
            return true;
        case Stored::line:
            step.kind = Kind::line;
            step.time_ms = in.signed_number();
            step.value = in.text();
            step.fields = in.text();
            return true;
        case Stored::block: {
            step.kind = Kind::block;
            block_head_ = in.text();
            block_sections_.resize(in.count());
            for (std::string_view& section : block_sections_) section = in.text();
            const auto head = record::parse_block_head(0, 0, block_head_);
            if (!in.ok() || !head.ok()) return no_record();
            step.first_ms = head->first.time_ms;
            step.last_ms = head->last.time_ms;
            step.lines = head->lines;
            return true;
        }
        default:
            break;
    }
    step.kind = static_cast<Stored>(code) == Stored::put_cell ? Kind::put_cell : Kind::remove_cell;
    raw_column_ = in.text();
    auto column = decode_sortable(comparator_, raw_column_);
    if (!column.ok()) return no_record();
    step.column = std::move(*column);
    if (step.kind == Kind::remove_cell) return true;
    const unsigned flags = in.byte();
    if (flags > (kExpires | kTold)) return no_record();
    step.told = (flags & kTold) != 0;
    if ((flags & kExpires) != 0) step.expires_at_ms = in.signed_number();
    step.value = in.text();
    step.stamp = std::exchange(written_, 0);
    step.sequence = std::exchange(written_by_, 0);
    return true;
}

namespace {

JournalStep::Kind kind_of_place(Stored code) {
    if (code == Stored::origin) return JournalStep::Kind::origin;
    return code == Stored::cut ? JournalStep::Kind::cut : JournalStep::Kind::cut_filtered;
}

}  // namespace

Result<void> JournalReader::read_of_family(std::uint8_t code, packed::Reader& in, JournalStep& step) {
    using Kind = JournalStep::Kind;
    step.family = in.text();
    switch (static_cast<Stored>(code)) {
        case Stored::create_family:
            step.kind = Kind::create_family;
            break;
        case Stored::drop_family:
            step.kind = Kind::drop_family;
            return {};
        case Stored::declare_column:
            step.kind = Kind::declare_column;
            step.column = in.text();
            break;
        default:
            step.kind = Kind::only_rows;
            break;
    }
    NM_ASSIGN(step.type, read_type(in));
    if (step.kind == Kind::only_rows) {
        step.row = in.text();
        step.value = in.text();
    }
    if (step.kind != Kind::declare_column) return {};
    const unsigned indexed = in.byte();
    if (indexed != 0) step.indexed = indexed == 2;
    return {};
}

Result<bool> JournalReader::next(JournalStep& step) {
    using Kind = JournalStep::Kind;
    for (;;) {
        packed::Reader in(record_.substr(at_));
        if (in.at_end()) return false;
        const std::uint8_t code = in.byte();
        step = {};
        bool shown = true;
        switch (static_cast<Stored>(code)) {
            case Stored::row:
            case Stored::display:
            case Stored::put_cell:
            case Stored::remove_cell:
            case Stored::remove_row:
            case Stored::line:
            case Stored::block: {
                NM_ASSIGN(shown, read_of_row(code, in, step));
                break;
            }
            case Stored::create_family:
            case Stored::drop_family:
            case Stored::declare_column:
            case Stored::only_rows:
                NM_TRY(read_of_family(code, in, step));
                break;
            case Stored::add:
            case Stored::set_counter:
                step.kind = static_cast<Stored>(code) == Stored::add ? Kind::add : Kind::set_counter;
                step.row = in.text();
                step.column = in.text();
                step.delta = in.signed_number();
                break;
            case Stored::remove_counters:
                step.kind = Kind::remove_counters;
                step.row = in.text();
                step.has_column = in.byte() != 0;
                if (step.has_column) step.column = in.text();
                break;
            case Stored::only_counters:
            case Stored::only_families:
                step.kind = static_cast<Stored>(code) == Stored::only_counters ? Kind::only_counters
                                                                               : Kind::only_families;
                step.row = in.text();
                step.value = in.text();
                break;
            case Stored::origin:
            case Stored::cut:
            case Stored::cut_filtered:
                step.kind = kind_of_place(static_cast<Stored>(code));
                step.value = in.text();
                step.sequence = in.number();
                break;
            case Stored::written:
                written_ = in.number();
                written_by_ = in.number();
                shown = false;
                break;
            case Stored::counters_of:
                step.kind = Kind::counters_of;
                step.row = in.text();
                break;
            case Stored::begin_copy:
                step.kind = Kind::begin_copy;
                step.sequence = in.number();
                break;
            case Stored::end_copy:
                step.kind = Kind::end_copy;
                break;
            case Stored::sources:
                step.kind = Kind::sources;
                step.value = in.text();
                step.fields = in.text();
                break;
            case Stored::retold:
                step.kind = Kind::retold;
                step.value = in.text();
                step.sequence = in.number();
                step.stamp = in.number();
                break;
            default:
                return no_record();
        }
        if (!in.ok()) return no_record();
        const std::size_t end = record_.size() - in.left();
        last_ = record_.substr(at_, end - at_);
        at_ = end;
        if (shown) return true;
    }
}

Result<std::string> filter_journal_record(std::string_view record, const JournalFilter& wanted) {
    using Kind = JournalStep::Kind;
    NM_ASSIGN(JournalReader reader, JournalReader::open(record));
    const JournalOrigin origin{reader.origin(), reader.origin_number(), reader.stamp()};
    JournalSteps kept;
    JournalStep step;
    std::string_view retold;  // of whose steps none is kept so far
    bool any_lines = false;
    bool lines_left_out = false;
    for (;;) {
        NM_ASSIGN(const bool more, reader.next(step));
        if (!more) break;
        bool keep = false;
        switch (step.kind) {
            case Kind::add:
            case Kind::remove_counters:
            case Kind::set_counter:
            case Kind::counters_of:
                keep = wanted("", step.row);
                break;
            // What is between rows cannot be told where only some of them are sent.
            case Kind::only_rows:
            case Kind::only_counters:
            case Kind::only_families:
            case Kind::begin_copy:
            case Kind::cut:
            case Kind::cut_filtered:
            case Kind::end_copy:
            case Kind::sources:
                break;
            case Kind::retold:
                retold = reader.step_bytes();
                break;
            // Only where everything is that it takes with it.
            case Kind::drop_family:
                keep = wanted(step.family, "*");
                break;
            case Kind::create_family:
            case Kind::declare_column:
                keep = wanted(step.family, "");
                break;
            // Where lines come from goes with them, if all do: it stands behind them.
            case Kind::origin:
                keep = any_lines && !lines_left_out;
                break;
            default:
                keep = wanted(step.family, step.row);
                lines_left_out =
                    lines_left_out || (!keep && (step.kind == Kind::line || step.kind == Kind::block));
        }
        if (!keep) continue;
        any_lines = any_lines || step.kind == Kind::line || step.kind == Kind::block;
        if (!retold.empty()) kept.repeat(reader, Kind::retold, std::exchange(retold, {}));
        kept.repeat(reader, step.kind, reader.step_bytes());
    }
    if (kept.empty()) return std::string();
    return format_journal_record(origin.stamp, origin.hub.empty() ? nullptr : &origin, kept);
}

}  // namespace nmstore
