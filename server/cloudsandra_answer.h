// The shape of CloudSandra's answers: every value a string, "message":"Success" for what worked, and a status
// in the body that equals that of HTTP.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/report.h"
#include "nmstore/result.h"
#include "server/routes.h"

namespace nmstore::server {

// Old clients look for the status 400, and show `detail` only then. So everything that is wrong with what a
// client asked for is a 400 here, a family that does not exist or exists in another form included, as
// Cassandra called both an invalid request. What the client is not to blame for keeps its status (503 for a
// full disk …).
int cloudsandra_status(Code code);

// {"status":"200","message":"Success"}, with a detail if there is one.
Response cloudsandra_success(std::string_view detail = {});
// {"status":"400","message":"Bad Request","detail":…}
Response cloudsandra_failure(int status, std::string_view detail);
Response cloudsandra_failure(const Error& error);
// 400 with "errors":[{"rowkey":…,"columnname":…,"reason":…}].
Response cloudsandra_rejected(std::string_view detail, const std::vector<ingest::CellError>& errors);

// A call decodes the request, does one thing, encodes. Its Error becomes an answer by cloudsandra_failure().
using CloudsandraCall = Result<Response> (*)(Context& context, Request& request);
Route cloudsandra_route(Context& context, Method method, std::string_view pattern, Role role,
                        CloudsandraCall call);

}  // namespace nmstore::server
