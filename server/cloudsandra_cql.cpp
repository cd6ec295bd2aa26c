// CQL: SELECT over one family.
#include "query/cql.h"

#include "server/cloudsandra_calls.h"
#include "server/json_writer.h"
#include "server/query_run.h"

namespace nmstore::server::cloudsandra {
namespace {

constexpr std::size_t kFamily = 2;              // /v0.3/CQL/{cf}
constexpr std::string_view kKeyColumn = "KEY";  // by which CQL 1 names the row's key among its columns

void write_row(JsonWriter& json, const query::CqlRow& row) {
    json.key(row.key).begin_object().member(kKeyColumn, row.key);
    for (const Cell& cell : row.cells) {
        // A column of that name cannot be told from the key; the key is what clients look for.
        if (cell.column != kKeyColumn) json.member(cell.column, cell.value);
    }
    json.end_object();
}

}  // namespace

Result<Response> select(Context& context, Request& request) {
    const auto text = request.parameter("query");
    if (!text || text->empty()) return Error{Code::invalid_argument, "parameter \"query\" is missing"};
    QueryRun run(context, request.gone);
    NM_ASSIGN(const query::CqlAnswer answer,
              run.finish(query::select(context.store, request.path[kFamily], *text, run.execution())));
    NM_TRY(run.complete());
    Response response;
    JsonWriter json(response.body);
    json.begin_object();
    if (answer.counted) {
        json.key("count").begin_object().member(kKeyColumn, "count");
        json.member("count", std::to_string(answer.count)).end_object();
    }
    for (const query::CqlRow& row : answer.rows) write_row(json, row);
    json.end_object();
    return response;
}

}  // namespace nmstore::server::cloudsandra
