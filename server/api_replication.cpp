// Replication: what other hubs send, and what the operator asks and says.
#include <nlohmann/json.hpp>

#include "server/api_calls.h"
#include "server/credentials.h"
#include "server/parameters.h"
#include "server/replication.h"
#include "server/replication_hub_link.h"
#include "server/replication_pack.h"
#include "server/request_body.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kTarget = 4;  // /api/v1/replication/targets/{name}, …/sources/{hub}

Result<Replication*> replication_of(Context& context) {
    if (context.replication == nullptr) return Error{Code::unsupported, "this server does not replicate"};
    return context.replication;
}

Result<JournalLink> link_of(const Request& request) {
    return parse_journal_link(request.parameter("hub").value_or(""),
                              request.parameter("stream").value_or(""));
}

Response answer_position(int status, std::optional<ChangeNumber> position) {
    Response response;
    response.status = status;
    JsonWriter json(response.body);
    json.begin_object();
    json.member_or_null("position", position);
    json.end_object();
    return response;
}

Result<ReplicationSender*> target_of(Context& context, const Request& request) {
    NM_ASSIGN(Replication* const replication, replication_of(context));
    ReplicationSender* const target = replication->target(request.path[kTarget]);
    if (target == nullptr)
        return Error{Code::not_found,
                     "there is no target of replication called \"" + request.path[kTarget] + "\""};
    return target;
}

using Command = Result<void> (ReplicationSender::*)();

Result<Response> command(Context& context, Request& request, Command what) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(ReplicationSender* const target, target_of(context, request));
    NM_TRY((target->*what)());
    Response response;
    response.body = "{}";
    return response;
}

// Values that were refused may be any bytes; the hub that sent them reads plain JSON.
nlohmann::json refused_json(const ReplicationUntold::Refused& refused) {
    auto all = nlohmann::json::array();
    for (const AppliedJournal::Refused& each : refused)
        all.push_back(
            {{"number", each.number}, {"what", each.what}, {"why", each.why}, {"value", each.value}});
    return all;
}

}  // namespace

// ---- For other hubs -----------------------------------------------------------------------------

Result<Response> replication_hello(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {"hub", "stream"}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    NM_ASSIGN(const JournalLink link, link_of(request));
    NM_ASSIGN(const auto position, replication->receiver().position(link));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member("hub", context.store.hub_id()).key("protocol").natural(kReplicationProtocol);
    json.member_or_null("position", position);
    json.key("standby").boolean(replication->standby().on());
    // Values are in it.
    const bool is_its_own = request.principal.may(role_admin) ||
                            replication->receiver().owner(link.hub) == request.principal.token;
    const auto refused = is_its_own ? replication->receiver().refused(link) : ReplicationUntold::Refused();
    if (!refused.empty()) {
        json.key("refused").begin_array();
        for (const AppliedJournal::Refused& each : refused) {
            json.begin_object().key("number").natural(each.number).member("what", each.what);
            json.member("why", each.why).member("value", each.value).end_object();
        }
        json.end_array();
    }
    json.end_object();
    return response;
}

Result<Response> replication_records(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"hub", "stream", "from", "end", "begin"}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    if (request.header("content-type") != kJournalContentType)
        return api_error(415, "unsupported", "Content-Type: expected " + std::string(kJournalContentType));
    ReplicationPost post;
    NM_ASSIGN(post.link, link_of(request));
    NM_TRY(parameters.required("from"));
    NM_TRY(parameters.required("end"));
    NM_ASSIGN(post.from, parameters.natural("from", 0, 0, UINT64_MAX));
    NM_ASSIGN(post.end, parameters.natural("end", 0, 0, UINT64_MAX));
    NM_ASSIGN(post.begin, parameters.boolean("begin"));
    post.body = request.body;
    post.who = request.principal.token;
    post.trusted = request.principal.may(role_admin);
    auto received = replication->receiver().receive(post);
    if (!received.ok() && received.error().code == Code::busy)
        return api_error(409, "busy", received.error().message);
    if (!received.ok() && received.error().code == Code::conflict)
        return api_error(403, "forbidden", received.error().message);
    NM_TRY(received);
    if (received->elsewhere) return answer_position(409, received->position);
    const AppliedJournal& applied = received->applied;
    const nlohmann::json json{{"position", applied.position},
                              {"records", applied.records},
                              {"repeated", applied.repeated},
                              {"refused", refused_json(applied.refused)},
                              {"refused_more", applied.refused_more}};
    Response response;
    response.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return response;
}

// Without a position the link is forgotten.
Result<Response> set_replication_position(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters, Parameters::read(request, {"hub", "stream", "position"}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    NM_ASSIGN(const JournalLink link, link_of(request));
    std::optional<ChangeNumber> position;
    if (parameters.has("position")) {
        NM_ASSIGN(position, parameters.natural("position", 0, 0, UINT64_MAX));
    }
    const auto set = replication->receiver().set_position(link, position);
    if (!set.ok() && set.error().code == Code::busy) return api_error(409, "busy", set.error().message);
    NM_TRY(set);
    return answer_position(200, position);
}

// ---- For the operator ---------------------------------------------------------------------------

Result<Response> replication_status(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    Response response;
    JsonWriter json(response.body);
    write_status(json, replication->status());
    return response;
}

Result<Response> pause_replication(Context& context, Request& request) {
    return command(context, request, &ReplicationSender::pause);
}

Result<Response> resume_replication(Context& context, Request& request) {
    return command(context, request, &ReplicationSender::resume);
}

Result<Response> resync_replication(Context& context, Request& request) {
    return command(context, request, &ReplicationSender::resync);
}

Result<Response> replication_refused(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(ReplicationSender* const target, target_of(context, request));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("dropped").natural(target->notes().memory().refused_dropped);
    json.key("refused").begin_array();
    for (const KeptRefused& each : target->notes().refused()) {
        json.begin_object().key("time").integer(each.time_ms).key("number").natural(each.value.number);
        json.member("what", each.value.what).member("why", each.value.why).member("value", each.value.value);
        json.end_object();
    }
    json.end_array().end_object();
    return response;
}

Result<Response> clear_replication_refused(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(ReplicationSender* const target, target_of(context, request));
    NM_ASSIGN(const std::uint64_t cleared, target->notes().clear_refused());
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("cleared").natural(cleared).end_object();
    return response;
}

Result<Response> forget_replication_source(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    const auto forgotten = replication->receiver().forget(request.path[kTarget]);
    if (!forgotten.ok() && forgotten.error().code == Code::busy)
        return api_error(409, "busy", forgotten.error().message);
    NM_TRY(forgotten);
    Response response;
    response.body = "{}";
    return response;
}

Result<Response> bind_replication_source(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    const auto json = nlohmann::json::parse(request.body, nullptr, false);
    if (!json.is_object() || json.size() != 1 || !json.contains("credentials") ||
        !json["credentials"].is_string())
        return Error{Code::invalid_argument, R"(expected {"credentials":"NAME"})"};
    const auto name = json["credentials"].get<std::string>();
    NM_TRY(replication->receiver().bind(request.path[kTarget], name));
    Response response;
    JsonWriter answer(response.body);
    const bool known = context.credentials == nullptr || context.credentials->get()->has_token(name);
    answer.begin_object().key("known").boolean(known).end_object();
    return response;
}

Result<Response> set_standby(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    NM_ASSIGN(Replication* const replication, replication_of(context));
    const auto json = nlohmann::json::parse(request.body, nullptr, false);
    if (!json.is_object() || json.size() != 1 || !json.contains("standby") || !json["standby"].is_boolean())
        return Error{Code::invalid_argument, R"(expected {"standby":true} or {"standby":false})"};
    NM_TRY(replication->standby().set(json["standby"].get<bool>()));
    Response response;
    JsonWriter answer(response.body);
    answer.begin_object().key("standby").boolean(replication->standby().on()).end_object();
    return response;
}

}  // namespace nmstore::server::api
