// The index rows, as agents and pages keep them, and who of them is here.
#include <nlohmann/json.hpp>

#include "nmstore/day_row.h"
#include "query/machines.h"
#include "server/api_calls.h"
#include "server/cloudsandra_answer.h"
#include "server/json_writer.h"
#include "server/machine_list.h"
#include "server/page.h"
#include "server/page_calls.h"

namespace nmstore::server::page {
namespace {

constexpr const char* kData = "data";
constexpr const char* kSub = "subRequest";
constexpr std::string_view kClient = "the address of a client";

std::string done() {
    return cloudsandra_success().body;
}

Result<std::string> index_row(Ask& ask, std::string_view row) {
    if (!ask.limited) ask.limit = kMaxPage;  // lists were never paged
    return row_text(ask, kIndexFamily, row);
}

Result<std::string> row_of_client(Ask& ask, std::string_view suffix) {
    NM_ASSIGN(const std::string client, ask.text(kData, kClient));
    return index_row(ask, client + std::string(suffix));
}

// Logs and plugins stand there under their paths or under their names in row keys: both mean the same.
Result<std::string> remove_name_of_client(const Ask& ask, std::string_view suffix, std::string_view what) {
    NM_ASSIGN(const std::string client, ask.text(kData, kClient));
    NM_ASSIGN(const std::string text, ask.text(kSub, what));
    const std::string name = log_key_name(text), row = client + std::string(suffix);
    SliceRange range;
    for (;;) {
        NM_ASSIGN(const Slice slice,
                  read_slice(ask.context.store, kIndexFamily, row, range, kMaxPageAnswerBytes));
        for (const Cell& cell : slice.cells) {
            if (log_key_name(cell.column) != name) continue;
            NM_TRY(ask.context.store.remove_cell(kIndexFamily, row, cell.column));
        }
        if (!slice.more) return done();
        range.from = slice.cells.back().column + '\0';  // the next that there can be
    }
}

Result<std::string> remove_column(const Ask& ask, std::string_view row) {
    NM_ASSIGN(const std::string client, ask.text(kData, kClient));
    NM_TRY(ask.context.store.remove_cell(kIndexFamily, row, client));
    return done();
}

}  // namespace

Result<std::string> row_text(const Ask& ask, std::string_view family, std::string_view row) {
    SliceRange range;
    range.from = ask.text_or_none(kSub);
    range.limit = ask.limit;
    NM_ASSIGN(const Slice slice, read_slice(ask.context.store, family, row, range, kMaxPageAnswerBytes));
    if (slice.more && slice.cells.size() < range.limit) {
        ask.context.metrics.limit_hit("page_bytes");
        return Error{Code::limit_exceeded,
                     "the answer would be over " + std::to_string(kMaxPageAnswerBytes >> 20) +
                         " MiB; ask with a limit of at most " + std::to_string(slice.cells.size()) +
                         ", and go on from its last column"};
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const Cell& cell : slice.cells) json.member(cell.column, cell.value);
    json.end_object();
    return out;
}

Result<std::string> servers(Ask& ask) {
    return index_row(ask, "servers");
}
Result<std::string> users(Ask& ask) {
    return index_row(ask, "users");
}
Result<std::string> clients(Ask& ask) {
    return index_row(ask, "clients");
}
Result<std::string> tags(Ask& ask) {
    return index_row(ask, "client-tags");
}
Result<std::string> external(Ask& ask) {
    return index_row(ask, "client-external");
}
Result<std::string> logs(Ask& ask) {
    return row_of_client(ask, ":logs");
}
Result<std::string> plugins(Ask& ask) {
    return row_of_client(ask, ":plugins");
}
Result<std::string> config(Ask& ask) {
    return row_of_client(ask, ":config");
}
Result<std::string> remove_client(Ask& ask) {
    return remove_column(ask, "clients");
}
Result<std::string> remove_tag(Ask& ask) {
    return remove_column(ask, "client-tags");
}
Result<std::string> remove_log(Ask& ask) {
    return remove_name_of_client(ask, ":logs", "the name of a log");
}
Result<std::string> remove_plugin(Ask& ask) {
    return remove_name_of_client(ask, ":plugins", "the name of a plugin");
}
Result<std::string> remove_config(Ask& ask) {
    NM_ASSIGN(const std::string client, ask.text(kData, kClient));
    NM_ASSIGN(const std::string name, ask.text(kSub, "the name of a setting"));
    NM_TRY(ask.context.store.remove_cell(kIndexFamily, client + ":config", name));
    return done();
}

Result<std::string> set_tag(Ask& ask) {
    NM_ASSIGN(const std::string client, ask.text(kData, kClient));
    NM_ASSIGN(const std::string tag, ask.text(kSub, "a tag"));
    NM_TRY(api::store_tag(ask.context.store, client, tag));
    return done();
}

// Told on the row's channel, where the agent listens.
Result<std::string> set_config(Ask& ask) {
    NM_ASSIGN(const std::string client, ask.text(kData, kClient));
    const Json& sub = ask.member(kSub);
    const auto name = sub.is_object() ? sub.find("name") : sub.end();
    const auto value = sub.is_object() ? sub.find("value") : sub.end();
    const bool named = name != sub.end() && name->is_string() && !name->get_ref<const std::string&>().empty();
    if (!named || value == sub.end() || !(value->is_string() || value->is_number() || value->is_boolean())) {
        return Error{
            Code::invalid_argument,
            R"(subRequest: expected {"name":"…","value":"…"}, the value a text, a number or a boolean)"};
    }
    NM_ASSIGN(const std::unique_ptr<CellBatch> batch, ask.context.store.begin_cells(kIndexFamily));
    batch->tell_values(true);
    NM_TRY(batch->put(client + ":config", name->get_ref<const std::string&>(),
                      value->is_string() ? value->get<std::string>() : value->dump()));
    NM_TRY(batch->commit());
    return done();
}

Result<std::string> instances(Ask& ask) {
    NM_ASSIGN(const std::vector<query::MachineInfo> found,
              query::machines(ask.context.store, ask.context.clock.now_ms()));
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const query::MachineInfo& machine : found) {
        json.key(machine.machine).begin_object().member_or_null("name", machine.name);
        json.member_or_null("group", machine.group).member_or_null("client", machine.client);
        json.member_or_null("external", machine.external).key("expected").boolean(machine.expected);
        json.key("lastSeen").integer(machine.last_seen_ms).key("monitored").boolean(machine.reports);
        json.end_object();
    }
    json.end_object();
    return out;
}

Result<std::string> set_instance(Ask& ask) {
    ListedMachine machine;
    NM_ASSIGN(machine.machine, ask.text(kData, "the address of a machine"));
    const Json& sub = ask.member(kSub);
    const auto text = [&sub](const char* name) {
        const auto at = sub.is_object() ? sub.find(name) : sub.end();
        return at != sub.end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    machine.name = sub.is_string() ? sub.get<std::string>() : text("name");
    machine.group = text("group");
    if (!sub.is_null() && !sub.is_string() && !sub.is_object())
        return Error{Code::invalid_argument, R"(subRequest: expected a name, or {"name":"…","group":"…"})"};
    NM_TRY(store_machine(ask.context.store, machine));
    return done();
}

Result<std::string> remove_instance(Ask& ask) {
    NM_ASSIGN(const std::string machine, ask.text(kData, "the address of a machine"));
    NM_TRY(ask.context.store.remove_cell(kIndexFamily, query::kMachinesRow, machine));
    return done();
}

}  // namespace nmstore::server::page
