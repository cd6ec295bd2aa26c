// GET and PUT /inventory: the machines that there should be, and which of them report.
#include "query/machines.h"
#include "server/api_calls.h"
#include "server/machine_list.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kMaxListBytes = std::size_t{32} << 20;

Result<Response> write_machines(Context& context) {
    NM_ASSIGN(const std::vector<query::MachineInfo> found,
              query::machines(context.store, context.clock.now_ms()));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("machines").begin_array();
    for (const query::MachineInfo& machine : found) {
        json.begin_object().member("machine", machine.machine).member_or_null("name", machine.name);
        json.member_or_null("group", machine.group).key("expected").boolean(machine.expected);
        json.member_or_null("client", machine.client).member_or_null("external", machine.external);
        json.key("last_seen");
        if (machine.last_seen_ms == 0) {
            json.null();
        } else {
            json.integer(machine.last_seen_ms);
        }
        json.key("reports").boolean(machine.reports).end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace

Result<Response> machines(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    return write_machines(context);
}

Result<Response> set_machines(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    std::string_view type = request.header("content-type").value_or("");
    type = type.substr(0, type.find(';'));
    if (type != "application/json" && type != "text/plain")
        return api_error(415, "unsupported", "Content-Type: expected application/json or text/plain");
    if (request.body.size() > kMaxListBytes)
        return Error{Code::too_large,
                     "a list of machines has at most " + std::to_string(kMaxListBytes >> 20) + " MiB"};
    NM_ASSIGN(const auto listed,
              type == "text/plain" ? parse_machines_lines(request.body) : parse_machines_json(request.body));
    NM_TRY(store_machines(context.store, listed));
    return write_machines(context);
}

}  // namespace nmstore::server::api
