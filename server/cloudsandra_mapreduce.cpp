// MAPREDUCE: tables over families, and jobs that select from one table into another.
#include "query/map_reduce.h"

#include "ingest/form.h"
#include "server/cloudsandra_calls.h"
#include "server/json_writer.h"
#include "server/query_run.h"

namespace nmstore::server::cloudsandra {
namespace {

constexpr std::size_t kTable = 3;  // /v0.3/MAPREDUCE/table/{table}

// The last value of a field of the form; "" where it is not there.
std::string field(const ingest::FormFields& form, std::string_view wanted) {
    std::string found;
    for (const auto& [name, value] : form) {
        if (name == wanted) found = value;
    }
    return found;
}

void write_table(JsonWriter& json, const query::TableInfo& table) {
    json.begin_object().member("name", table.name).member("type", table.external ? "external" : "standard");
    json.member("rowMapping", table.row_mapping).member("rowType", table.row_type);
    json.member("columnMapping", table.column_mapping).member("columnType", table.column_type);
    json.member("valueMapping", table.value_mapping).member("valueType", table.value_type);
    json.member("cassandraColumnsMapping", table.columns_mapping).end_object();
}

}  // namespace

Result<Response> declare_table(Context& context, Request& request) {
    NM_ASSIGN(const ingest::FormFields form, ingest::parse_form(request.body));
    const std::string type = field(form, "type");
    if (type != "standard" && type != "external") {
        return Error{Code::invalid_argument,
                     "type is neither standard nor external: \"" + printable(type) + '"'};
    }
    query::TableInfo table;
    table.name = request.path[kTable];
    table.external = type == "external";
    table.row_mapping = field(form, "rowMapping");
    table.row_type = field(form, "rowType");
    table.column_mapping = field(form, "columnMapping");
    table.column_type = field(form, "columnType");
    table.value_mapping = field(form, "valueMapping");
    table.value_type = field(form, "valueType");
    table.columns_mapping = field(form, "cassandraColumnsMapping");
    NM_TRY(query::declare_table(context.store, table));
    return cloudsandra_success();
}

Result<Response> list_tables(Context& context, Request&) {
    NM_ASSIGN(const std::vector<query::TableInfo> tables, query::tables(context.store));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("tables").begin_array();
    for (const query::TableInfo& table : tables) write_table(json, table);
    json.end_array().end_object();
    return response;
}

// Writes a table, which the route's role allows; but its answer also tells of what is stored.
Result<Response> run_job(Context& context, Request& request) {
    if (!request.principal.may(role_read)) {
        return cloudsandra_failure(403, "a job needs the roles ingest and read");
    }
    NM_ASSIGN(const ingest::FormFields form, ingest::parse_form(request.body));
    const query::Job job{field(form, "fromTable"), field(form, "overwriteTable"), field(form, "select"),
                         field(form, "where")};
    for (const auto& [name, value] : {std::pair{"fromTable", &job.from_table},
                                      {"overwriteTable", &job.overwrite_table},
                                      {"select", &job.select}}) {
        if (value->empty())
            return Error{Code::invalid_argument, std::string("field \"") + name + "\" is missing"};
    }
    QueryRun run(context, request.gone);
    NM_ASSIGN(const query::JobResult result, run.finish(query::run_job(context.store, job, run.execution())));
    NM_TRY(run.complete());
    return cloudsandra_success(std::to_string(result.selected) + " cells written, " +
                               std::to_string(result.scanned) + " looked at");
}

}  // namespace nmstore::server::cloudsandra
