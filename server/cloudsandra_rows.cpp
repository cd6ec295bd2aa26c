// GET and DELETE DATA: slices of rows, removal of rows and columns.
#include "server/cloudsandra_calls.h"
#include "server/json_writer.h"
#include "server/page.h"

namespace nmstore::server::cloudsandra {
namespace {

constexpr std::size_t kFamily = 2, kRow = 3, kColumn = 4;  // /v0.3/DATA/{cf}/{row}/{column}

// A parameter that is given and not empty.
std::optional<std::string> given(const Request& request, std::string_view name) {
    const auto text = request.parameter(name);
    if (!text || text->empty()) return std::nullopt;
    return std::string(*text);
}

}  // namespace

Result<Response> get_row(Context& context, Request& request) {
    SliceRange range;
    range.from = given(request, "fromKey");
    range.to = given(request, "toKey");
    range.reversed = request.parameter("reversed").value_or("") == "true";
    NM_ASSIGN(range.limit, read_page_limit(request.parameter("limit").value_or("")));
    NM_ASSIGN(const Slice slice, read_slice(context.store, request.path[kFamily], request.path[kRow], range));
    if (slice.more && slice.cells.size() < range.limit) {
        context.metrics.limit_hit("page_bytes");
        return answer_too_large(slice.cells.size());
    }
    Response response;
    JsonWriter json(response.body);
    json.begin_object();
    for (const Cell& cell : slice.cells) json.member(cell.column, cell.value);
    json.end_object();
    return response;
}

Result<Response> delete_row(Context& context, Request& request) {
    NM_TRY(context.store.remove_row(request.path[kFamily], request.path[kRow]));
    return cloudsandra_success();
}

Result<Response> delete_cell(Context& context, Request& request) {
    NM_TRY(context.store.remove_cell(request.path[kFamily], request.path[kRow], request.path[kColumn]));
    return cloudsandra_success();
}

}  // namespace nmstore::server::cloudsandra
