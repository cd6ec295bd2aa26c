// nm-tool replication: how it goes between a server and its targets, and what is to be done about it.
#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "query/time_text.h"
#include "tools/command.h"
#include "tools/json_text.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

using nlohmann::json;

constexpr const char* kBase = "/api/v1/replication";

struct ReplicationCommandOptions {
    std::string verb, target, credentials;
    bool clear = false;
};

Result<json> ask(Session& session, HttpRequest request) {
    if (session.is_local())
        return Error{Code::invalid_argument, "replication is a server's: leave out --data, give --url"};
    NM_ASSIGN(const ServerAddress address, session.server());
    NM_ASSIGN(HttpClient client, HttpClient::make(address));
    NM_ASSIGN(const std::string body, client.fetch(request));
    NM_ASSIGN(json answer, parse_json(body));
    if (!answer.is_object()) return Error{Code::corruption, "the server's answer cannot be read"};
    return answer;
}

Result<json> ask(Session& session, const std::string& method, const std::string& path,
                 std::string_view body = {}) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.has_body = method == "POST";
    if (!body.empty()) request.headers = {"Content-Type: application/json"};
    return ask(session, request);
}

std::string target_path(const std::string& target, const char* what) {
    return std::string(kBase) + "/targets/" + percent_encode(target) + "/" + what;
}

const json& list_of(const json& object, const char* name) {
    static const json none = json::array();
    const auto at = object.find(name);
    return at != object.end() && at->is_array() ? *at : none;
}

// "1.5 s", "12 min", "3.1 h"
std::string duration(double seconds) {
    const auto tenths = [](double value) {
        const auto all = static_cast<std::int64_t>(value * 10 + 0.5);
        return std::to_string(all / 10) + "." + std::to_string(all % 10);
    };
    if (seconds < 120) return tenths(seconds) + " s";
    if (seconds < 7200) return tenths(seconds / 60) + " min";
    return seconds < 172'800 ? tenths(seconds / 3600) + " h" : tenths(seconds / 86'400) + " d";
}

double member_real(const json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_number() ? at->get<double>() : 0;
}

using Cells = std::array<std::string, 6>;

void write_table(Session& session, const std::vector<Cells>& rows) {
    std::array<std::size_t, std::tuple_size_v<Cells>> widths{};
    for (const Cells& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const Cells& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row[i] + (i + 1 < row.size() ? std::string(widths[i] + 2 - row[i].size(), ' ') : "");
        while (line.ends_with(' ')) line.pop_back();
        if (!session.out.line(line)) return;
    }
}

std::string progress_of(const json& target) {
    const auto copy = target.find("copy");
    if (copy == target.end() || !copy->is_object()) return member_bytes(target, "state");
    return "copying " + std::to_string(member_number(*copy, "rows_done")) + " of " +
           std::to_string(member_number(*copy, "rows_total")) + " rows";
}

void write_targets(Session& session, const json& targets) {
    std::vector<Cells> rows{{"TARGET", "STATE", "LAG", "COMMITS", "SENT", "REFUSED"}};
    std::vector<std::string> remarks;
    for (const json& target : targets) {
        const std::string name = visible_text(member_bytes(target, "name"));
        rows.push_back({name, progress_of(target), duration(member_real(target, "lag_seconds")),
                        std::to_string(member_number(target, "lag_records")),
                        std::to_string(member_number(target, "sent_records")),
                        std::to_string(member_number(target, "refused"))});
        if (const std::string why = member_bytes(target, "why"); !why.empty())
            remarks.push_back(name + ": " + visible_text(why));
        if (target.contains("copied") && target["copied"] == false) {
            remarks.push_back(
                name + ": what was written before it was a target was not sent; nm-tool replication resync " +
                name + " sends all");
        }
    }
    write_table(session, rows);
    for (const std::string& remark : remarks) session.out.line(remark);
}

std::string source_line(const json& source) {
    std::string line = "from " + visible_text(member_bytes(source, "hub"));
    if (const std::string stream = member_bytes(source, "stream"); !stream.empty())
        line += "  stream " + visible_text(stream);
    const std::int64_t last_ms = member_number(source, "last_ms");
    const auto position = source.find("position");
    const bool has_come = position != source.end() && position->is_number();
    if (has_come) line += "  position " + std::to_string(member_number(source, "position"));
    if (last_ms != 0) line += "  " + query::format_time(last_ms);
    if (last_ms == 0) line += has_come ? "  not heard of since the start" : "  nothing has come yet";
    if (const std::string name = member_bytes(source, "credentials"); !name.empty())
        line += "  credentials " + visible_text(name);
    return line;
}

int show_status(Session& session) {
    const auto answer = ask(session, "GET", kBase);
    if (!answer.ok()) return session.fail(answer.error());
    const json& targets = list_of(*answer, "targets");
    const json& sources = list_of(*answer, "sources");
    const json& copies = list_of(*answer, "copies");
    const int found = targets.empty() && sources.empty() && copies.empty() ? exit_nothing : exit_ok;
    if (session.options.json) {
        session.out.line(bytes_of(*answer));
        return found;
    }
    const bool standby = answer->value("standby", json(false)) == true;
    session.out.line("hub " + visible_text(member_bytes(*answer, "hub")) + (standby ? "  (standby)" : ""));
    const auto journal = answer->find("journal");
    if (journal != answer->end() && journal->is_object() && journal->value("on", json(false)) == true) {
        session.out.line("journal " + std::to_string(member_number(*journal, "bytes")) + " of " +
                         std::to_string(member_number(*journal, "limit")) + " bytes");
    }
    if (!targets.empty()) write_targets(session, targets);
    for (const json& source : sources) session.out.line(source_line(source));
    for (const json& copy : copies) {
        session.out.line("a full copy of " + visible_text(member_bytes(copy, "hub")) +
                         " has not all come, the last part " +
                         query::format_time(member_number(copy, "last_ms")));
    }
    return found;
}

int show_refused(Session& session, const ReplicationCommandOptions& options) {
    const std::string path = target_path(options.target, "refused");
    if (options.clear) {
        const auto answer = ask(session, "DELETE", path);
        if (!answer.ok()) return session.fail(answer.error());
        if (session.options.json) session.out.line(bytes_of(*answer));
        if (!session.options.json && !session.options.quiet)
            session.out.line("cleared " + std::to_string(member_number(*answer, "cleared")));
        return exit_ok;
    }
    const auto answer = ask(session, "GET", path);
    if (!answer.ok()) return session.fail(answer.error());
    const json& refused = list_of(*answer, "refused");
    for (const json& each : refused) {
        const std::string line =
            session.options.json
                ? bytes_of(each)
                : query::format_time(member_number(each, "time")) + "  " +
                      visible_text(member_bytes(each, "what") + "  " + member_bytes(each, "why") + "  " +
                                   member_bytes(each, "value"));
        if (!session.out.line(line)) return exit_ok;
    }
    if (const auto dropped = member_number(*answer, "dropped"); dropped > 0)
        session.warn("older ones that are not kept any more: " + std::to_string(dropped));
    return refused.empty() ? exit_nothing : exit_ok;
}

int set_standby(Session& session, bool on) {
    const auto answer = ask(session, "POST", std::string(kBase) + "/standby",
                            on ? R"({"standby":true})" : R"({"standby":false})");
    if (!answer.ok()) return session.fail(answer.error());
    if (session.options.json) session.out.line(bytes_of(*answer));
    if (!session.options.json && !session.options.quiet)
        session.out.line(on ? "the hub is a standby: it takes writes of other hubs only"
                            : "the hub takes writes");
    return exit_ok;
}

int command_target(Session& session, const ReplicationCommandOptions& options) {
    const auto answer = ask(session, "POST", target_path(options.target, options.verb.c_str()));
    if (!answer.ok()) return session.fail(answer.error());
    if (session.options.json) session.out.line(bytes_of(*answer));
    if (!session.options.json && !session.options.quiet)
        session.out.line(options.verb + ": " + visible_text(options.target));
    return exit_ok;
}

int forget_source(Session& session, const ReplicationCommandOptions& options) {
    const auto answer =
        ask(session, "DELETE", std::string(kBase) + "/sources/" + percent_encode(options.target));
    if (!answer.ok()) return session.fail(answer.error());
    if (session.options.json) session.out.line(bytes_of(*answer));
    if (!session.options.json && !session.options.quiet)
        session.out.line("forgotten: " + visible_text(options.target));
    return exit_ok;
}

int bind_source(Session& session, const ReplicationCommandOptions& options) {
    const auto answer =
        ask(session, "POST", std::string(kBase) + "/sources/" + percent_encode(options.target),
            bytes_of(json{{"credentials", options.credentials}}));
    if (!answer.ok()) return session.fail(answer.error());
    if (session.options.json) session.out.line(bytes_of(*answer));
    if (!session.options.json && !session.options.quiet)
        session.out.line(visible_text(options.credentials) + " speaks for " + visible_text(options.target));
    if (answer->value("known", json(true)) == false)
        session.warn("the server knows no credentials called \"" + visible_text(options.credentials) + "\"");
    return exit_ok;
}

// "": nothing.
std::string what_is_wrong(const ReplicationCommandOptions& options, bool of_hub) {
    const bool binds = options.verb == "bind";
    if (of_hub && !options.target.empty()) return options.verb + " takes no target";
    if (binds && options.credentials.empty()) return "bind needs a hub's id and a name of credentials";
    if (!binds && !options.credentials.empty()) return options.verb + " takes no name of credentials";
    if (!of_hub && options.target.empty())
        return options.verb + " needs a " + (options.verb == "forget" ? "hub's id" : "target's name") +
               ": nm-tool replication status shows them";
    return options.clear && options.verb != "refused" ? "--clear is of refused" : "";
}

int run_replication(Session& session, const ReplicationCommandOptions& options) {
    const bool of_hub = options.verb == "status" || options.verb == "open" || options.verb == "standby";
    if (const std::string wrong = what_is_wrong(options, of_hub); !wrong.empty())
        return session.fail({Code::invalid_argument, wrong});
    if (options.verb == "status") return show_status(session);
    if (options.verb == "refused") return show_refused(session, options);
    if (options.verb == "bind") return bind_source(session, options);
    if (options.verb == "forget") return forget_source(session, options);
    if (of_hub) return set_standby(session, options.verb == "standby");
    return command_target(session, options);
}

}  // namespace

void declare_replication(CLI::App& root, Action& action) {
    CLI::App* command =
        root.add_subcommand("replication", "Show and steer what a server sends to other servers");
    const auto options = std::make_shared<ReplicationCommandOptions>();
    command->add_option("verb", options->verb, "What to do")
        ->required()
        ->check(CLI::IsMember(
            {"status", "pause", "resume", "resync", "refused", "open", "standby", "forget", "bind"}));
    command
        ->add_option(
            "target", options->target,
            "pause, resume, resync, refused: the target's name, as in status; forget, bind: a hub's id")
        ->type_name("TARGET");
    command->add_option("credentials", options->credentials, "bind: the name of a token")->type_name("NAME");
    command->add_flag("--clear", options->clear, "refused: forget the values that are set aside");
    command->footer(
        "status    how far each target is, and which hubs send to this one\n"
        "pause     send nothing until resume; what is written meanwhile is kept up to --replicate-keep\n"
        "resync    send a full copy of all that is stored, then go on\n"
        "refused   values that the target does not take, set aside\n"
        "forget    a hub that sends to this one no more\n"
        "bind      a hub to credentials: those of this name speak for it, with the role ingest\n"
        "open      let a standby take writes; standby sets it back\n\nExamples:\n"
        "  nm-tool replication status\n"
        "  nm-tool replication resync hub2.example:8001\n"
        "  nm-tool replication refused hub2.example:8001 --json\n"
        "  nm-tool replication bind 316d0123456789abcdef0123456789ab edge\n"
        "  nm-tool replication open --url http://hub2.example:8001");
    command->callback([&action, options] {
        action = [options](Session& session) { return run_replication(session, *options); };
    });
}

}  // namespace nmstore::tools
