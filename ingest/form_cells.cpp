#include "ingest/form_cells.h"

namespace nmstore::ingest {

Result<CellReport> put_form_cells(const FormFields& form, std::string_view row, std::int64_t ttl_seconds,
                                  CellBatch& batch) {
    CellReport report;
    for (const auto& [column, value] : form) {
        const Result<void> put = batch.put(row, column, value, ttl_seconds);
        if (put.ok()) {
            ++report.accepted;
            continue;
        }
        const Code code = put.error().code;
        if (code != Code::invalid_argument && code != Code::too_large) return put.error();
        ++report.rejected;
        if (report.errors.size() < kMaxReportedErrors)
            report.errors.push_back({std::string(row), column, put.error().message});
    }
    return report;
}

}  // namespace nmstore::ingest
