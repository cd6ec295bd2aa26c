// GET /rows, /row and /counters: what is stored, page by page, as it is.
#include "server/api_calls.h"
#include "server/page.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

// One more than a page: whether there is a next one, and where it begins.
template <class Item>
std::optional<Item> take_next(std::vector<Item>& items, std::size_t limit) {
    if (items.size() <= limit) return std::nullopt;
    Item next = std::move(items.back());
    items.pop_back();
    return next;
}

void write_next(JsonWriter& json, const std::string* next) {
    json.key("next");
    if (next == nullptr) {
        json.null();
    } else {
        json.string(*next);
    }
}

Response answer_rows(std::vector<std::string> rows, std::size_t limit) {
    const std::optional<std::string> next = take_next(rows, limit);
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("rows").begin_array();
    for (const std::string& row : rows) json.string(row);
    json.end_array();
    write_next(json, next ? &*next : nullptr);
    json.end_object();
    return response;
}

std::optional<std::string> given(const Parameters& parameters, std::string_view name) {
    if (!parameters.has(name)) return std::nullopt;
    return std::string(parameters.text(name));
}

std::string_view family_of(const Parameters& parameters) {
    return parameters.has("family") ? parameters.text("family") : kTimeFamily;
}

}  // namespace

Result<Response> rows(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"family", "from", "prefix", "limit"}));
    NM_ASSIGN(const std::size_t limit, read_page_limit(parameters.text("limit")));
    NM_ASSIGN(std::vector<std::string> found,
              context.store.rows(family_of(parameters), parameters.text("from"), parameters.text("prefix"),
                                 limit + 1));
    return answer_rows(std::move(found), limit);
}

Result<Response> row(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"family", "row", "from", "to", "reverse", "limit"}));
    NM_ASSIGN(const std::string_view key, parameters.required("row"));
    NM_ASSIGN(const std::size_t limit, read_page_limit(parameters.text("limit")));
    SliceRange range;
    range.from = given(parameters, "from");
    range.to = given(parameters, "to");
    NM_ASSIGN(range.reversed, parameters.boolean("reverse"));
    range.limit = limit + 1;
    NM_ASSIGN(Slice slice, read_slice(context.store, family_of(parameters), key, range));
    // Short of the limit for its bytes, the page gives its last cell back: the next one begins there.
    const bool short_of_limit = slice.more && slice.cells.size() <= limit;
    const std::size_t whole = short_of_limit ? slice.cells.size() - 1 : limit;
    if (short_of_limit) context.metrics.limit_hit("page_bytes");
    if (whole == 0) return answer_too_large(1);
    const std::optional<Cell> next = take_next(slice.cells, whole);
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("cells").begin_array();
    for (const Cell& cell : slice.cells) {
        json.begin_object().member("column", cell.column).member("value", cell.value);
        if (cell.expires_at_ms != 0) json.key("expires").integer(cell.expires_at_ms);
        json.end_object();
    }
    json.end_array();
    write_next(json, next ? &next->column : nullptr);
    json.end_object();
    return response;
}

// The counters of a row; without one, the rows that have counters.
Result<Response> counters(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"row", "from", "prefix", "limit"}));
    NM_ASSIGN(const std::size_t limit, read_page_limit(parameters.text("limit")));
    const std::string_view from = parameters.text("from");
    if (!parameters.has("row")) {
        NM_ASSIGN(std::vector<std::string> found,
                  context.store.counter_rows(from, parameters.text("prefix"), limit + 1));
        return answer_rows(std::move(found), limit);
    }
    if (parameters.has("prefix")) {
        return Error{Code::invalid_argument, "prefix: is for a listing of rows, without the parameter row"};
    }
    NM_ASSIGN(std::vector<Counter> found, context.store.counters(parameters.text("row"), from, limit + 1));
    const std::optional<Counter> next = take_next(found, limit);
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("counters").begin_array();
    for (const Counter& counter : found) {
        json.begin_object().member("column", counter.column).key("value").integer(counter.value).end_object();
    }
    json.end_array();
    write_next(json, next ? &next->column : nullptr);
    json.end_object();
    return response;
}

}  // namespace nmstore::server::api
