// POST /admin/reindex: makes filters, and what else blocks hold that is derived from their lines, anew.
#include "query/row_pattern.h"
#include "server/api_calls.h"
#include "server/api_work.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

std::string reindex_line(const ReindexReport& report) {
    std::string line;
    JsonWriter json(line);
    begin_findings(json, report.problem_count, "blocks could not be mended");
    json.key("rows").natural(report.rows).key("blocks").natural(report.blocks);
    json.key("rebuilt").natural(report.rebuilt).key("sums").natural(report.sums);
    json.key("segments").natural(report.segments);
    end_findings(json, report.problem_count, report.problems);
    return line;
}

}  // namespace

Result<Response> reindex(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"all", "family", "row", "client", "log", "kind", "from", "to"}));
    ReindexRequest asked;
    NM_ASSIGN(asked.all, parameters.boolean("all"));
    query::RowPattern pattern;
    pattern.family = parameters.text("family");
    if (!pattern.family.empty()) NM_TRY(context.store.family(pattern.family));
    pattern.row = parameters.text("row");
    pattern.client = parameters.text("client");
    pattern.log = parameters.text("log");
    pattern.kind = parameters.text("kind");
    NM_ASSIGN(pattern.from_ms, parameters.time_ms("from", INT64_MIN, context.clock.now_ms()));
    NM_ASSIGN(pattern.to_ms, parameters.time_ms("to", INT64_MAX, context.clock.now_ms()));
    NM_ASSIGN(asked.rows, query::select_rows(pattern));
    return answer_work(
        context, request, "reindex",
        [&store = context.store, asked = std::move(asked)](const Progress& progress) -> Result<std::string> {
            NM_ASSIGN(const ReindexReport report, store.reindex(asked, progress));
            return reindex_line(report);
        });
}

}  // namespace nmstore::server::api
