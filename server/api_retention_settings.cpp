// GET /retention: how long the server keeps what comes, for those who may look but not change it.
#include "server/api_calls.h"
#include "server/config.h"
#include "server/parameters.h"

namespace nmstore::server::api {

Result<Response> retention_settings(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    const RetentionPolicy& policy = context.config.retention;
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("keep_ms");
    if (policy.keep_ms) {
        json.integer(*policy.keep_ms);
    } else {
        json.null();
    }
    json.key("max_bytes");
    if (policy.max_bytes > 0) {
        json.natural(policy.max_bytes);
    } else {
        json.null();
    }
    json.key("rules").natural(policy.rules.size()).key("forget_names").boolean(policy.forget_names);
    json.key("interval_ms").integer(context.config.retention_interval.count()).end_object();
    return response;
}

}  // namespace nmstore::server::api
