// What the calls of /api/v1 have in common: how they become routes, how errors, entries and costs look.
#pragma once

#include <optional>
#include <string_view>

#include "query/search.h"
#include "server/json_writer.h"
#include "server/routes.h"

namespace nmstore::server {

// A call decodes the request, does one thing, encodes. Its Error becomes an answer by api_error().
using ApiCall = Result<Response> (*)(Context& context, Request& request);
Route api_route(Context& context, Method method, std::string_view pattern, Role role, ApiCall call);

// {"error":{"code":…,"message":…,"column":…}}; with the column (characters from 1) of a query that cannot be
// read, which is a 400 always.
Response api_error(const Error& error, std::optional<std::size_t> column = std::nullopt);
Response api_error(int status, std::string_view code, std::string_view message);

// {"time","client","log","kind","level"?,"line","fields"?,"id"}
void write_entry(JsonWriter& json, const query::Entry& entry);
void write_entry_members(JsonWriter& json, const query::Entry& entry);  // of an object that is open

// {"rows_opened","lines_scanned","lines_matched","bytes_scanned","elapsed_ms","complete","stopped_by"}
void write_stats(JsonWriter& json, const query::Stats& stats);

inline constexpr std::string_view kNdjson = "application/x-ndjson";

}  // namespace nmstore::server
