// The calls of CloudSandra's v0.3 API, by the file that has them. cloudsandra_routes.cpp is the table of
// paths. Parameters that a call does not know are passed over here: old clients send what they like.
#pragma once

#include "server/cloudsandra_answer.h"

namespace nmstore::server::cloudsandra {

// cloudsandra_families.cpp
Result<Response> create_family(Context& context, Request& request);
Result<Response> list_families(Context& context, Request& request);
Result<Response> get_family(Context& context, Request& request);
Result<Response> drop_family(Context& context, Request& request);
Result<Response> declare_column(Context& context, Request& request);

// cloudsandra_data.cpp
Result<Response> post_row(Context& context, Request& request);
Result<Response> post_bulk(Context& context, Request& request);

// cloudsandra_rows.cpp
Result<Response> get_row(Context& context, Request& request);
Result<Response> delete_row(Context& context, Request& request);
Result<Response> delete_cell(Context& context, Request& request);

// cloudsandra_counters.cpp
Result<Response> post_counter(Context& context, Request& request);
Result<Response> post_bulk_counters(Context& context, Request& request);
Result<Response> get_counter(Context& context, Request& request);
Result<Response> get_counters(Context& context, Request& request);
Result<Response> delete_counters(Context& context, Request& request);

// cloudsandra_cql.cpp
Result<Response> select(Context& context, Request& request);

// cloudsandra_mapreduce.cpp
Result<Response> declare_table(Context& context, Request& request);
Result<Response> list_tables(Context& context, Request& request);
Result<Response> run_job(Context& context, Request& request);

}  // namespace nmstore::server::cloudsandra
