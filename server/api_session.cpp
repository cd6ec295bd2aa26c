// GET /session: who asks, and what they may do.
#include "server/api_calls.h"
#include "server/parameters.h"

namespace nmstore::server::api {

Result<Response> session(Context&, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    const Principal& asker = request.principal;
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member_or_null("token", asker.token).key("roles").begin_array();
    for (const Role role : {role_ingest, role_read, role_admin}) {
        if (asker.may(role)) json.string(role_name(role));
    }
    json.end_array().end_object();
    return response;
}

}  // namespace nmstore::server::api
