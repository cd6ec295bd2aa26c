// Tags: names that people give to clients, kept where the old page kept them (row client-tags).
#include "query/index_row.h"
#include "server/api_calls.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

constexpr std::string_view kTagsRow = "client-tags";
constexpr std::size_t kMaxTagBytes = 256;

}  // namespace

Result<Response> list_tags(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("tags").begin_array();
    NM_TRY(query::each_index_cell(context.store, kTagsRow, [&json](const Cell& cell) {
        json.begin_object()
            .member("client", cell.column)
            .member("tag", query::index_text(cell.value))
            .end_object();
    }));
    json.end_array().end_object();
    return response;
}

Result<void> store_tag(Store& store, std::string_view client, std::string_view tag) {
    if (tag.size() > kMaxTagBytes || !is_valid_utf8(tag)) {
        return Error{Code::invalid_argument,
                     "tag: expected UTF-8 of at most " + std::to_string(kMaxTagBytes) + " bytes"};
    }
    NM_ASSIGN(const std::unique_ptr<CellBatch> batch, store.begin_cells(kIndexFamily));
    batch->tell_values(true);
    NM_TRY(batch->put(kTagsRow, client, query::index_value(tag)));
    NM_TRY(batch->commit());
    return {};
}

Result<Response> set_tag(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"client", "tag"}));
    NM_ASSIGN(const std::string_view client, parameters.required("client"));
    NM_ASSIGN(const std::string_view tag, parameters.required("tag"));
    NM_TRY(store_tag(context.store, client, tag));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member("client", client).member("tag", tag).end_object();
    return response;
}

Result<Response> remove_tag(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"client"}));
    NM_ASSIGN(const std::string_view client, parameters.required("client"));
    NM_TRY(context.store.remove_cell(kIndexFamily, kTagsRow, client));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member("client", client).key("tag").null().end_object();
    return response;
}

}  // namespace nmstore::server::api
