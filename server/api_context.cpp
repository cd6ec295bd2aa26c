// GET /context: the lines around one line, in its log.
#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/query_run.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kDefaultAround = 10;
constexpr std::size_t kMaxAround = 10'000;

}  // namespace

Result<Response> context_of_line(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"id", "before", "after"}));
    NM_ASSIGN(const std::string_view id_text, parameters.required("id"));
    NM_ASSIGN(const LineId id, query::parse_line_id(id_text));
    NM_ASSIGN(const std::uint64_t before, parameters.natural("before", kDefaultAround, 0, kMaxAround));
    NM_ASSIGN(const std::uint64_t after, parameters.natural("after", kDefaultAround, 0, kMaxAround));
    QueryRun run(context, request.gone);
    NM_ASSIGN(const std::vector<query::Entry> entries,
              run.finish(query::context(context.store, id, before, after, run.execution())));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("entries").begin_array();
    for (const query::Entry& entry : entries) write_entry(json, entry);
    json.end_array();
    write_stats(json.key("stats"), run.stats());
    json.end_object();
    return response;
}

}  // namespace nmstore::server::api
