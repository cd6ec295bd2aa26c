// COLUMNFAMILY and COLUMN: families, their comparators, and what is declared of their columns.
#include "ingest/form.h"
#include "server/cloudsandra_calls.h"
#include "server/json_writer.h"

namespace nmstore::server::cloudsandra {
namespace {

// Where the names stand in a path: /v0.3/COLUMNFAMILY/{cf}/{type}, /v0.3/COLUMN/{cf}/{column}/{type}.
constexpr std::size_t kFamily = 2, kFamilyType = 3, kColumn = 3, kColumnType = 4;

Result<ValueType> read_type(std::string_view text) {
    const std::optional<ValueType> type = parse_value_type(text);
    if (type) return *type;
    return Error{Code::invalid_argument,
                 "unknown type \"" + printable(text) +
                     "\"; known: UTF8Type, ASCIIType, LongType, IntegerType, UUIDType, TimeUUIDType"};
}

void write_family(JsonWriter& json, const FamilyInfo& family) {
    json.begin_object();
    json.member("name", family.name).member("comparator", value_type_name(family.comparator));
    json.key("columns").begin_array();
    for (const ColumnInfo& column : family.columns) {
        json.begin_object();
        json.member("name", column.name).member("type", value_type_name(column.type));
        json.key("isIndex").boolean(column.indexed).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

Result<Response> create_family(Context& context, Request& request) {
    NM_ASSIGN(const ValueType comparator, read_type(request.path[kFamilyType]));
    NM_TRY(context.store.create_family(request.path[kFamily], comparator));
    return cloudsandra_success();
}

Result<Response> list_families(Context& context, Request&) {
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("columnfamilies").begin_array();
    for (const FamilyInfo& family : context.store.families()) write_family(json, family);
    json.end_array().end_object();
    return response;
}

// The one call whose subject is the family itself: that it is not there is a plain 404.
Result<Response> get_family(Context& context, Request& request) {
    const Result<FamilyInfo> family = context.store.family(request.path[kFamily]);
    if (!family && family.error().code == Code::not_found) {
        return cloudsandra_failure(404, family.error().message);
    }
    NM_TRY(family);
    Response response;
    JsonWriter json(response.body);
    write_family(json, family.value());
    return response;
}

Result<Response> drop_family(Context& context, Request& request) {
    NM_TRY(context.store.drop_family(request.path[kFamily]));
    return cloudsandra_success();
}

Result<Response> declare_column(Context& context, Request& request) {
    NM_ASSIGN(const ValueType type, read_type(request.path[kColumnType]));
    NM_ASSIGN(const ingest::FormFields form, ingest::parse_form(request.body));
    std::optional<bool> indexed;
    for (const auto& [name, value] : form) {
        if (name != "isIndex") continue;
        if (value != "true" && value != "false") {
            return Error{Code::invalid_argument,
                         "isIndex is neither true nor false: \"" + printable(value) + '"'};
        }
        indexed = value == "true";
    }
    NM_TRY(context.store.declare_column(request.path[kFamily], request.path[kColumn], type, indexed));
    return cloudsandra_success();
}

}  // namespace nmstore::server::cloudsandra
