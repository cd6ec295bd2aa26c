#include "server/page_request.h"

#include <nlohmann/json.hpp>

#include "server/json_writer.h"
#include "server/page.h"
#include "server/page_calls.h"

namespace nmstore::server {
namespace page {

const Json& Ask::member(const char* name) const {
    static const Json null;
    const auto found = message.find(name);
    return found == message.end() ? null : *found;
}

std::optional<std::string> Ask::text_or_none(const char* name) const {
    const Json& value = member(name);
    if (value.is_number_integer()) return value.dump();
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) return std::nullopt;
    return value.get<std::string>();
}

Result<std::string> Ask::text(const char* name, std::string_view expected) const {
    auto text = text_or_none(name);
    if (!text)
        return Error{Code::invalid_argument, std::string(name) + ": expected " + std::string(expected)};
    return std::move(*text);
}

namespace {

struct Row {
    std::string_view type;
    std::string_view verb;
    Role role;
    Call call;
};
constexpr Row kTable[] = {
    {"servers", "get", role_read, servers},
    {"users", "get", role_read, users},
    {"clients", "get", role_read, clients},
    {"clients", "del", role_ingest, remove_client},
    {"instances", "get", role_read, instances},
    {"instances", "post", role_ingest, set_instance},
    {"instances", "del", role_ingest, remove_instance},
    {"logs", "get", role_read, logs},
    {"logs", "del", role_ingest, remove_log},
    {"plugins", "get", role_read, plugins},
    {"plugins", "del", role_ingest, remove_plugin},
    {"log-live", "get", role_read, log_live},
    {"log-history", "get", role_read, log_history},
    {"plugin-live", "get", role_read, plugin_live},
    {"plugin-history", "get", role_read, plugin_history},
    {"alerts-live", "get", role_read, alerts_live},
    {"alerts-history", "get", role_read, alerts_history},
    {"client-tags", "get", role_read, tags},
    {"client-tags", "post", role_ingest, set_tag},
    {"client-tags", "del", role_ingest, remove_tag},
    {"client-external", "get", role_read, external},
    {"config", "get", role_read, config},
    {"config", "post", role_ingest, set_config},
    {"config", "del", role_ingest, remove_config},
    {"mapreduce-table", "get", role_read, tables},
    {"mapreduce-table", "post", role_ingest, declare_table},
    {"mapreduce-job", "get", role_ingest, run_job},  // as a page may call it, which wants its answer
    {"mapreduce-job", "post", role_ingest, run_job},
};

Error invalid(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

Result<const Row*> find_row(const std::string& verb, const std::string& type) {
    if (verb != "get" && verb != "post" && verb != "del") return invalid("type: expected get, post or del");
    std::string types, verbs;
    for (const Row& row : kTable) {
        if (row.type == type && row.verb == verb) return &row;
        if (row.type == type) verbs.append(verbs.empty() ? "" : ", ").append(row.verb);
        if (types.ends_with(row.type)) continue;
        types.append(types.empty() ? "" : ", ").append(row.type);
    }
    if (verbs.empty()) return invalid("request: expected one of " + types);
    return invalid("request: " + type + " takes " + verbs + ", and no " + verb);
}

Result<Json> parse(std::string_view message) {
    try {
        Json json = Json::parse(message);
        if (!json.is_object()) return invalid(R"(expected an object, {"type":"get","request":"clients"})");
        return json;
    } catch (const Json::parse_error& error) {
        return invalid("the message is no JSON, see its byte " + std::to_string(error.byte));
    } catch (const Json::out_of_range&) {
        return invalid("the message has a number that is out of range");
    }
}

Result<std::string> answer(const Row& row, Ask& ask) {
    const Json& limit = ask.member("limit");
    if (!limit.is_null()) {
        NM_ASSIGN(const std::string text, ask.text("limit", "a whole number"));
        NM_ASSIGN(ask.limit, read_page_limit(text));
        ask.limited = true;
    }
    return row.call(ask);
}

}  // namespace
}  // namespace page

namespace {

std::string error_text(std::string_view verb, std::string_view type, std::uint64_t number,
                       std::string_view code, std::string_view why) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", "error").member("request", verb).member("of", type);
    json.key("number").natural(number).member("code", code);
    json.member("data", why).member("origin", "server").end_object();
    return out;
}

}  // namespace

std::string page_error(std::string_view verb, std::string_view type, std::uint64_t number,
                       const Error& error) {
    return error_text(verb, type, number, code_name(error.code), error.message);
}

std::string page_greeting(std::string_view id) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", "users").member("request", "post");
    json.member("data", id).member("origin", "server").end_object();
    return out;
}

std::string answer_page(Context& context, const Principal& asker, std::uint64_t number,
                        std::string_view message, const std::function<bool()>& gone) {
    const auto parsed = page::parse(message);
    if (!parsed) return page_error("", "", number, parsed.error());
    page::Ask ask{context, asker, gone, *parsed, kDefaultPage, false};
    const std::string verb = ask.text_or_none("type").value_or("");
    const std::string type = ask.text_or_none("request").value_or("");
    const auto row = page::find_row(verb, type);
    if (!row) return page_error(verb, type, number, row.error());
    if (!asker.may((*row)->role)) {
        const std::string role = (*row)->role == role_ingest ? "ingest" : "read";
        return error_text(verb, type, number, "forbidden", "these credentials lack the role " + role);
    }
    if ((*row)->role == role_ingest) {
        if (const auto may = may_write(context); !may) return page_error(verb, type, number, may.error());
    }
    const auto data = page::answer(**row, ask);
    if (!data) return page_error(verb, type, number, data.error());
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", type).member("request", verb).member("data", *data);
    if (!ask.next.empty()) json.key("next").json(ask.next);
    json.member("origin", "server").end_object();
    return out;
}

}  // namespace nmstore::server
