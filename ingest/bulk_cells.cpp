#include "ingest/bulk_cells.h"

#include <charconv>
#include <optional>

#include "ingest/bulk_rows.h"
#include "nmstore/value_type.h"

namespace nmstore::ingest {
namespace {

using Members = std::span<const BulkScalar>;

// A row's or column's name in an error: as it came, but bounded, and never cut inside a character.
std::string reported_name(const BulkScalar& name) {
    if (name.text.size() <= kMaxReportedNameBytes) return std::string(name.text);
    std::size_t end = kMaxReportedNameBytes;
    while (end > kMaxReportedNameBytes - 4 && (static_cast<unsigned char>(name.text[end]) & 0xC0) == 0x80)
        --end;
    return std::string(name.text.substr(0, end)) + "…";
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Error rejected(std::string reason) {
    return {Code::invalid_argument, std::move(reason)};
}

// Why `scalar` cannot be what `name` says; an Error only if so.
Result<void> require_text(const BulkScalar& scalar, std::string_view name) {
    if (scalar.kind == BulkScalar::Kind::absent) return rejected(std::string(name).append(" is missing"));
    if (!scalar.has_text()) return rejected(std::string(name).append(" is neither text nor number"));
    return {};
}

// Counts what a column came to. Bad columns are named; what is no fault of one column ends the body.
class Tally {
  public:
    Result<void> column(const BulkScalar& row, const BulkScalar& name, const Result<void>& outcome,
                        std::size_t batch_bytes) {
        if (outcome.ok()) {
            ++report_.accepted;
            if (batch_bytes <= kMaxBatchBytes) return {};
            return Error{Code::too_large, "the body makes more than " + std::to_string(kMaxBatchBytes) +
                                              " bytes in the store: send it in parts"};
        }
        const Code code = outcome.error().code;
        if (code != Code::invalid_argument && code != Code::too_large) return outcome.error();
        ++report_.rejected;
        if (report_.errors.size() < kMaxReportedErrors)
            report_.errors.push_back({reported_name(row), reported_name(name), outcome.error().message});
        return {};
    }
    CellReport take() { return std::move(report_); }

  private:
    CellReport report_;
};

class CellSink final : public BulkColumnSink {
  public:
    explicit CellSink(CellBatch& batch) : batch_(batch) {}
    static constexpr std::string_view kMembers[] = {"columnname", "columnvalue", "ttl"};

    Result<void> column(const BulkScalar& row, Members members, std::string_view reason) override {
        const auto outcome = reason.empty() ? put(row, members) : Result<void>(rejected(std::string(reason)));
        return tally_.column(row, members[0], outcome, batch_.bytes());
    }
    CellReport take() { return tally_.take(); }

  private:
    Result<void> put(const BulkScalar& row, Members members) {
        NM_TRY(require_text(row, "rowkey"));
        NM_TRY(require_text(members[0], kMembers[0]));
        NM_TRY(require_text(members[1], kMembers[1]));
        const BulkScalar& ttl = members[2];
        std::int64_t seconds = 0;
        if (!ttl.is_blank()) {
            const auto number = ttl.has_text() ? whole_number(ttl.text) : std::nullopt;
            if (!number) return rejected("ttl is no whole number of seconds: " + printable(ttl.text));
            seconds = *number;
        }
        return batch_.put(row.text, members[0].text, members[1].text, seconds);
    }

    CellBatch& batch_;
    Tally tally_;
};

class CounterSink final : public BulkColumnSink {
  public:
    explicit CounterSink(CounterBatch& batch) : batch_(batch) {}
    static constexpr std::string_view kMembers[] = {"columnname", "increment", "decrement"};

    Result<void> column(const BulkScalar& row, Members members, std::string_view reason) override {
        const auto outcome = reason.empty() ? add(row, members) : Result<void>(rejected(std::string(reason)));
        return tally_.column(row, members[0], outcome, 0);
    }
    CellReport take() { return tally_.take(); }

  private:
    static Result<std::int64_t> step(const BulkScalar& scalar, std::string_view name, std::int64_t if_blank) {
        if (scalar.is_blank()) return if_blank;
        const auto number = scalar.has_text() ? whole_number(scalar.text) : std::nullopt;
        if (!number)
            return rejected(std::string(name).append(" is no whole number: ").append(printable(scalar.text)));
        return *number;
    }

    Result<void> add(const BulkScalar& row, Members members) {
        NM_TRY(require_text(row, "rowkey"));
        NM_TRY(require_text(members[0], kMembers[0]));
        const bool down = members[2].kind != BulkScalar::Kind::absent;
        const bool up = members[1].kind != BulkScalar::Kind::absent || !down;
        NM_ASSIGN(const std::int64_t increment, step(members[1], kMembers[1], up ? 1 : 0));
        NM_ASSIGN(const std::int64_t decrement, step(members[2], kMembers[2], down ? 1 : 0));
        std::int64_t delta = 0;
        if (__builtin_sub_overflow(increment, decrement, &delta))
            return rejected("the step does not fit 64 bits");
        return batch_.add(row.text, members[0].text, delta);
    }

    CounterBatch& batch_;
    Tally tally_;
};

}  // namespace

Result<CellReport> decode_bulk_cells(const std::string& body, CellBatch& batch) {
    CellSink sink(batch);
    NM_TRY(read_bulk_rows(body, CellSink::kMembers, sink));
    return sink.take();
}

Result<CellReport> decode_bulk_counters(const std::string& body, CounterBatch& batch) {
    CounterSink sink(batch);
    NM_TRY(read_bulk_rows(body, CounterSink::kMembers, sink));
    return sink.take();
}

}  // namespace nmstore::ingest
