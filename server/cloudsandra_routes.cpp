// The table of CloudSandra's calls. Roles: what reads needs `read`, what writes `ingest` (agents create their
// families and columns, the page's users remove rows), and only dropping a whole family `admin`.
#include "server/cloudsandra_calls.h"
#include "server/routes.h"

namespace nmstore::server {

std::vector<Route> cloudsandra_routes(Context& context) {
    using namespace cloudsandra;
    struct Row {
        Method method;
        std::string_view pattern;
        Role role;
        CloudsandraCall call;
    };
    static constexpr Row kTable[] = {
        {Method::get, "/v0.3/COLUMNFAMILY", role_read, list_families},
        {Method::get, "/v0.3/COLUMNFAMILY/{cf}", role_read, get_family},
        {Method::post, "/v0.3/COLUMNFAMILY/{cf}/{type}", role_ingest, create_family},
        {Method::del, "/v0.3/COLUMNFAMILY/{cf}", role_admin, drop_family},
        {Method::post, "/v0.3/COLUMN/{cf}/{column}/{type}", role_ingest, declare_column},
        {Method::post, "/v0.3/DATA/{cf}", role_ingest, post_bulk},
        {Method::post, "/v0.3/DATA/{cf}/{row}", role_ingest, post_row},
        {Method::get, "/v0.3/DATA/{cf}/{row}", role_read, get_row},
        {Method::del, "/v0.3/DATA/{cf}/{row}", role_ingest, delete_row},
        {Method::del, "/v0.3/DATA/{cf}/{row}/{column}", role_ingest, delete_cell},
        {Method::post, "/v0.3/COUNTER", role_ingest, post_bulk_counters},
        {Method::post, "/v0.3/COUNTER/{row}/{column}", role_ingest, post_counter},
        {Method::get, "/v0.3/COUNTER/{row}", role_read, get_counters},
        {Method::get, "/v0.3/COUNTER/{row}/{column}", role_read, get_counter},
        {Method::del, "/v0.3/COUNTER/{row}", role_ingest, delete_counters},
        {Method::del, "/v0.3/COUNTER/{row}/{column}", role_ingest, delete_counters},
        {Method::get, "/v0.3/CQL/{cf}", role_read, select},
        {Method::get, "/v0.3/MAPREDUCE/table", role_read, list_tables},
        {Method::post, "/v0.3/MAPREDUCE/table/{table}", role_ingest, declare_table},
        {Method::post, "/v0.3/MAPREDUCE/job", role_ingest, run_job},
    };
    std::vector<Route> routes;
    for (const Row& row : kTable) {
        routes.push_back(cloudsandra_route(context, row.method, row.pattern, row.role, row.call));
    }
    return routes;
}

}  // namespace nmstore::server
