// nm-tool alerts: what fires, and the rules by which a server tells that there is an alert.
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "query/time_text.h"
#include "tools/command.h"
#include "tools/completeness_remark.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

using nlohmann::json;

constexpr const char* kRules = "/api/v1/alerts/rules";
constexpr std::size_t kMaxRuleBytes = 1 << 20;  // read of a file; the server takes less

struct AlertsOptions {
    std::string verb, what;
    std::string id;
    std::string from, to;
    std::uint64_t limit = 100;
};

Result<json> ask(Session& session, HttpRequest request) {
    if (session.is_local())
        return Error{Code::invalid_argument, "alerts are a server's: leave out --data, give --url"};
    NM_ASSIGN(const ServerAddress address, session.server());
    NM_ASSIGN(HttpClient client, HttpClient::make(address));
    NM_ASSIGN(const std::string body, client.fetch(request));
    return parse_json(body);
}

std::string time_of(const json& object, const char* name) {
    return query::format_time(member_number(object, name));
}

// The objects of a list, as JSON or as a person reads them. 1 if there are none.
template <class Show>
int show_all(Session& session, const Result<json>& answer, const char* list, const Show& show) {
    if (!answer.ok()) return session.fail(answer.error());
    if (!answer->contains(list) || !answer->at(list).is_array())
        return session.fail({Code::corruption, "the server's answer cannot be read"});
    for (const json& each : answer->at(list)) {
        const bool written = session.out.line(session.options.json ? bytes_of(each) : show(each));
        if (!written) break;
    }
    return answer->at(list).empty() ? exit_nothing : exit_ok;
}

std::string told(const json& alert) {
    return member_bytes(alert, "state") + "  " + member_bytes(alert, "value");
}

int list_alerts(Session& session, const AlertsOptions& options) {
    if (options.what == "firing") {
        return show_all(session, ask(session, {.path = "/api/v1/alerts/firing"}), "firing",
                        [](const json& each) {
                            std::string text = time_of(each, "since") + "  " + member_bytes(each, "rule");
                            for (const char* name : {"client", "log", "field", "line"}) {
                                if (!member_bytes(each, name).empty())
                                    text += "  " + member_bytes(each, name);
                            }
                            const auto count = member_number(each, "count");
                            if (count > 0) text += "  (" + std::to_string(count) + " lines)";
                            return visible_text(text);
                        });
    }
    if (!options.what.empty())
        return session.fail({Code::invalid_argument, "list takes nothing, or the word firing"});
    if (const auto times = check_times(options.from, ""); !times.ok()) return session.fail(times.error());
    HttpRequest request;
    request.path = "/api/v1/alerts";
    request.parameters = {{"limit", std::to_string(options.limit)}, {"from", options.from}};
    return show_all(session, ask(session, request), "alerts", [](const json& each) {
        // What an agent wrote may be anything.
        const std::string line = member_bytes(each, "line");
        const json alert = json::parse(line, nullptr, false);
        const bool ours = alert.is_object() && alert.contains("state") && alert.contains("value");
        return time_of(each, "time") + "  " + visible_text(ours ? told(alert) : line);
    });
}

int list_rules(Session& session) {
    return show_all(session, ask(session, {.path = kRules}), "rules", [](const json& each) {
        std::string text = member_bytes(each, "id") + "  " + member_bytes(each, "kind");
        if (each.contains("enabled") && each["enabled"] == false) text += "  (off)";
        for (const char* name : {"query", "plugin", "client", "description"}) {
            if (!member_bytes(each, name).empty()) text += "  " + member_bytes(each, name);
        }
        return visible_text(text);
    });
}

Result<std::string> read_rule(const std::string& place) {
    std::string text;
    const auto read = [&text](std::istream& from) {
        char byte = 0;
        while (text.size() <= kMaxRuleBytes && from.get(byte)) text += byte;
    };
    if (place == "-") {
        read(std::cin);
    } else {
        std::ifstream file(place, std::ios::binary);
        if (!file) return Error{Code::io, "cannot read " + place};
        read(file);
    }
    if (text.size() > kMaxRuleBytes) return Error{Code::too_large, place + " is too long for a rule"};
    return text;
}

int set_rule(Session& session, const AlertsOptions& options) {
    const auto text = read_rule(options.what);
    if (!text.ok()) return session.fail(text.error());
    std::string id = options.id;
    if (id.empty()) {
        const json rule = json::parse(*text, nullptr, false);
        if (rule.is_object()) id = member_bytes(rule, "id");
    }
    if (id.empty()) return session.fail({Code::invalid_argument, "give --id, or an \"id\" in the rule"});
    HttpRequest request;
    request.method = "PUT";
    request.path = std::string(kRules) + "/" + percent_encode(id);
    request.body = *text;
    request.has_body = true;
    request.headers = {"Content-Type: application/json"};
    const auto answer = ask(session, request);
    if (!answer.ok()) return session.fail(answer.error());
    if (session.options.json) session.out.line(bytes_of(*answer));
    if (!session.options.json && !session.options.quiet) session.out.line("set " + visible_text(id));
    return exit_ok;
}

int one_rule(Session& session, const AlertsOptions& options, const char* method) {
    HttpRequest request;
    request.method = method;
    request.path = std::string(kRules) + "/" + percent_encode(options.what);
    const auto answer = ask(session, request);
    if (!answer.ok()) return session.fail(answer.error());
    const bool removed = request.method == "DELETE";
    if (session.options.json) {
        session.out.line(bytes_of(*answer));
    } else if (!removed) {
        session.out.line(visible_text(bytes_of(*answer)));
    } else if (!session.options.quiet) {
        session.out.line("removed " + visible_text(options.what));
    }
    return exit_ok;
}

int end_test(Session& session, const json& answer, bool nothing) {
    Completeness completeness;
    if (answer.contains("stats")) completeness.stopped_by = member_bytes(answer.at("stats"), "stopped_by");
    return finish_answer(session, completeness, !nothing);
}

// What the rule would have told, and what it says at the end. 1 if that is nothing.
int test_rule(Session& session, const AlertsOptions& options) {
    HttpRequest request;
    request.method = "POST";
    request.path = std::string(kRules) + "/" + percent_encode(options.what) + "/test";
    request.parameters = {{"from", options.from}, {"to", options.to}};
    const auto answer = ask(session, request);
    if (!answer.ok()) return session.fail(answer.error());
    const json alerts = answer->value("alerts", json::array());
    const json groups = answer->value("groups", json::array());
    if (!alerts.is_array() || !groups.is_array())
        return session.fail({Code::corruption, "the server's answer cannot be read"});
    const bool nothing = alerts.empty() && answer->value("fires", json(false)) == false;
    if (session.options.json) {
        session.out.line(bytes_of(*answer));
        return end_test(session, *answer, nothing);
    }
    for (const json& alert : alerts) {
        if (!session.out.line(time_of(alert, "date") + "  " + visible_text(told(alert)))) return exit_ok;
    }
    for (const json& group : groups) {
        if (!group.is_object() || group.value("fires", json(false)) != true) continue;
        std::string text = "fires";
        for (const char* name : {"client", "log", "field"}) {
            if (!member_bytes(group, name).empty()) text += "  " + member_bytes(group, name);
        }
        if (!session.out.line(visible_text(text))) return exit_ok;
    }
    const std::int64_t left_out = member_number(*answer, "alerts_left_out");
    if (left_out > 0) session.warn("so many further alerts are not shown: " + std::to_string(left_out));
    return end_test(session, *answer, nothing);
}

int run_alerts(Session& session, const AlertsOptions& options) {
    if (options.verb == "list") return list_alerts(session, options);
    if (options.verb == "rules") {
        if (!options.what.empty()) return session.fail({Code::invalid_argument, "rules takes nothing more"});
        return list_rules(session);
    }
    if (options.what.empty()) {
        return session.fail(
            {Code::invalid_argument,
             options.verb + (options.verb == "set" ? " needs a file, or -" : " needs a rule's id")});
    }
    if (options.verb == "set") return set_rule(session, options);
    if (options.verb == "test") return test_rule(session, options);
    return one_rule(session, options, options.verb == "remove" ? "DELETE" : "GET");
}

}  // namespace

void declare_alerts(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("alerts", "Show alerts, and look after the rules for them");
    const auto options = std::make_shared<AlertsOptions>();
    command->add_option("verb", options->verb, "What to do")
        ->required()
        ->check(CLI::IsMember({"list", "rules", "show", "set", "remove", "test"}));
    command
        ->add_option(
            "what", options->what,
            "list: nothing, or the word firing; set: a file with a rule as JSON, or -; show, remove, test: a "
            "rule's id")
        ->type_name("WHAT");
    command->add_option("--id", options->id, "set: the rule's id, if it is not in the file")->type_name("ID");
    command
        ->add_option("--from", options->from,
                     "list: alerts from this time on; test: of the lines from this time on")
        ->type_name(kTimeType);
    command->add_option("--to", options->to, "test: of the lines before this time")->type_name(kTimeType);
    command->add_option("--limit", options->limit, "list: at most so many, the newest")
        ->check(whole_number)
        ->capture_default_str();
    command->footer(
        "Examples:\n"
        "  nm-tool alerts list --from -1d\n"
        "  nm-tool alerts list firing\n"
        "  nm-tool alerts rules\n"
        "  nm-tool alerts set disk-full.json\n"
        "  echo '{\"kind\":\"lines\",\"query\":\"error\",\"count\":10,\"within\":\"5m\"}' | nm-tool alerts "
        "set - --id "
        "errors\n"
        "  nm-tool alerts test errors --from -1d   # what it would have told\n"
        "  nm-tool alerts remove errors");
    command->callback([&action, options] {
        action = [options](Session& session) { return run_alerts(session, *options); };
    });
}

}  // namespace nmstore::tools
