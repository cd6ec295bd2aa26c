// POST DATA: single posts by form, bulk posts by JSON.
#include "ingest/bulk_cells.h"
#include "ingest/form_cells.h"
#include "server/cloudsandra_calls.h"
#include "server/parameters.h"
#include "server/request_body.h"

namespace nmstore::server::cloudsandra {
namespace {

constexpr std::size_t kFamily = 2, kRow = 3;  // /v0.3/DATA/{cf}/{row}

bool wants_realtime(const Request& request) {
    const std::string_view value = request.parameter("realtime").value_or("");
    return value == "true" || value == "1";
}

Result<std::int64_t> read_ttl(const Request& request) {
    const std::string_view text = request.parameter("ttl").value_or("");
    if (text.empty()) return 0;
    NM_ASSIGN(const std::uint64_t seconds,
              parse_natural("ttl", text, 0, static_cast<std::uint64_t>(kMaxTtlSeconds)));
    return static_cast<std::int64_t>(seconds);
}

}  // namespace

// All columns of the form or none.
Result<Response> post_row(Context& context, Request& request) {
    NM_ASSIGN(const std::int64_t ttl_seconds, read_ttl(request));
    NM_ASSIGN(const ingest::FormFields form, ingest::parse_columns(request.body));
    release_body(request);
    NM_ASSIGN(const std::unique_ptr<CellBatch> batch, context.store.begin_cells(request.path[kFamily]));
    if (form.empty()) {
        return Error{Code::invalid_argument,
                     "the body has no column; expected a form: column=value&column=value"};
    }
    batch->tell_values(wants_realtime(request));
    NM_ASSIGN(const ingest::CellReport report,
              ingest::put_form_cells(form, request.path[kRow], ttl_seconds, *batch));
    if (report.rejected > 0) {
        context.metrics.count("cells_rejected", report.rejected);
        return cloudsandra_rejected("nothing stored: " + report.errors.front().reason, report.errors);
    }
    NM_TRY(batch->commit());
    return cloudsandra_success();
}

// The good columns are stored whatever the others are: old agents throw their spool away after any answer.
Result<Response> post_bulk(Context& context, Request& request) {
    NM_TRY(decode_content(request, context.config.max_body));
    NM_ASSIGN(const FamilyInfo family, context.store.family(request.path[kFamily]));
    NM_ASSIGN(const std::unique_ptr<CellBatch> batch,
              context.store.begin_cells(family.name, family.is_time_family()));
    batch->tell_values(wants_realtime(request));
    NM_ASSIGN(const ingest::CellReport report, ingest::decode_bulk_cells(request.body, *batch));
    release_body(request);
    if (report.accepted > 0) NM_TRY(batch->commit());
    if (report.rejected == 0) return cloudsandra_success();
    context.metrics.count("cells_rejected", report.rejected);
    return cloudsandra_rejected(std::to_string(report.rejected) + " of " +
                                    std::to_string(report.accepted + report.rejected) +
                                    " columns are wrong and were left out, the others are stored",
                                report.errors);
}

}  // namespace nmstore::server::cloudsandra
