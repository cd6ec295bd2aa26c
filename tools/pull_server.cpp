// The target of a pull that is a running nm-stored. Single forms, since bulk bodies move counters by
// themselves.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/pull_target.h"

namespace nmstore::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kFormBytes = std::size_t{4} << 20;
constexpr std::size_t kAnswerBytes = std::size_t{64} << 20;
constexpr std::size_t kCounterPage = 1000;
constexpr int kStatusOk = 200, kStatusBad = 400, kStatusTooLarge = 413;

class PullServer : public PullTarget {
  public:
    PullServer(PatientClient client, std::string store, Refuse refuse)
        : client_(std::move(client)), store_(std::move(store)), refuse_(std::move(refuse)) {}

    const std::string& store() const override { return store_; }

    Result<void> create_family(const std::string& family, ValueType comparator) override {
        NM_ASSIGN(const HttpAnswer answer, post("/v0.3/COLUMNFAMILY/" + path_segment(family) + "/" +
                                                    std::string(value_type_name(comparator)),
                                                ""));
        if (answer.status != kStatusOk) return client_.explain(answer);
        return {};
    }

    Result<void> declare_column(const std::string& family, const std::string& column, ValueType type,
                                bool indexed) override {
        NM_ASSIGN(const HttpAnswer answer,
                  post("/v0.3/COLUMN/" + path_segment(family) + "/" + path_segment(column) + "/" +
                           std::string(value_type_name(type)),
                       indexed ? "isIndex=true" : ""));
        if (answer.status == kStatusOk) return {};
        if (answer.status != kStatusBad) return client_.explain(answer);
        refuse_("column " + column + " of " + family, client_.explain(answer).message);
        return {};
    }

    Result<void> put(const std::string& family, const std::string& row, const Members& cells) override {
        Members form;
        std::size_t bytes = 0;
        for (const auto& cell : cells) {
            const std::size_t more = cell.first.size() + cell.second.size();
            if (!form.empty() && bytes + more > kFormBytes) {
                NM_TRY(post_form(family, row, std::move(form)));
                form.clear();
                bytes = 0;
            }
            form.push_back(cell);
            bytes += more;
        }
        return form.empty() ? Result<void>() : post_form(family, row, std::move(form));
    }

    Result<void> set_counters(const std::string& row, const Members& counters) override {
        for (std::size_t i = 0; i < counters.size(); i += kCounterPage) {
            const auto end =
                counters.begin() + static_cast<std::ptrdiff_t>(std::min(i + kCounterPage, counters.size()));
            NM_TRY(set_some_counters(row, {counters.begin() + static_cast<std::ptrdiff_t>(i), end}));
        }
        return {};
    }

    bool is_full() const override { return true; }
    Result<void> flush() override { return {}; }
    Result<void> close() override { return {}; }

  private:
    Result<HttpAnswer> post(const std::string& path, std::string_view body) {
        HttpRequest request;
        request.method = "POST";
        request.path = path;
        request.headers = {"Content-Type: application/x-www-form-urlencoded"};
        request.body = body;
        request.has_body = true;
        return client_.perform(request, kAnswerBytes);
    }

    // A form is taken whole or not at all: what is named as wrong is left out, and the rest sent again.
    Result<void> post_form(const std::string& family, const std::string& row, Members form) {
        while (!form.empty()) {
            std::string body;
            for (const auto& [column, value] : form)
                body += (body.empty() ? "" : "&") + percent_encode(column) + "=" + percent_encode(value);
            NM_ASSIGN(const HttpAnswer answer,
                      post("/v0.3/DATA/" + path_segment(family) + "/" + path_segment(row), body));
            if (answer.status == kStatusOk) return {};
            if (answer.status == kStatusTooLarge && form.size() == 1) {
                refuse_(family + "/" + row + "/" + form.front().first, client_.explain(answer).message);
                return {};
            }
            if (answer.status != kStatusBad || !leave_out_wrong(family, row, answer.body, form))
                return client_.explain(answer);
        }
        return {};
    }

    // false: the answer names nothing of the form.
    bool leave_out_wrong(const std::string& family, const std::string& row, const std::string& answer,
                         Members& form) {
        const auto parsed = parse_json(answer);
        if (!parsed.ok() || !parsed.value().is_object() || !parsed.value().contains("errors") ||
            !parsed.value().at("errors").is_array())
            return false;
        std::set<std::string> wrong;
        for (const json& error : parsed.value().at("errors")) {
            const std::string column = member_bytes(error, "columnname");
            if (wrong.insert(column).second)
                refuse_(family + "/" + row + "/" + column, member_bytes(error, "reason"));
        }
        return std::erase_if(form, [&](const auto& cell) { return wrong.contains(cell.first); }) > 0;
    }

    // The target's own values, where it has these counters. Asked of the row's list: of a day row, a single
    // one that is not there would be answered with the number of lines that have the word.
    Result<std::map<std::string, std::int64_t>> values(const std::string& row, const Members& counters) {
        std::map<std::string, std::int64_t> values;
        std::set<std::string> wanted;
        for (const auto& [column, text] : counters) wanted.insert(column);
        std::string from = *wanted.begin();
        while (true) {
            HttpRequest request;
            request.path = "/v0.3/COUNTER/" + path_segment(row);
            request.parameters = {{"fromKey", from}, {"limit", std::to_string(kCounterPage + 1)}};
            NM_ASSIGN(const HttpAnswer answer, client_.perform(request, kAnswerBytes));
            if (answer.status != kStatusOk) return client_.explain(answer);
            NM_ASSIGN(const Members page, parse_members(answer.body));
            for (const auto& [column, text] : page) {
                const auto value = parse_counter(text);
                if (value && wanted.contains(column)) values[column] = *value;
            }
            if (page.size() <= kCounterPage || page.back().first >= *wanted.rbegin()) return values;
            from = page.back().first;
        }
    }

    Result<void> set_some_counters(const std::string& row, const Members& counters) {
        Members whole;
        for (const auto& counter : counters) {
            if (parse_counter(counter.second)) {
                whole.push_back(counter);
            } else {
                refuse_("counter " + row + "/" + counter.first, "its value is no 64-bit number");
            }
        }
        if (whole.empty()) return {};
        // Whether a post whose answer was lost has counted, the values tell: so they are read before each
        // try.
        while (true) {
            NM_ASSIGN(const auto there, values(row, whole));
            std::string steps;
            for (const auto& [column, text] : whole) {
                const auto known = there.find(column);
                const std::int64_t wanted = *parse_counter(text);
                const std::int64_t step = counter_step(wanted, known == there.end() ? 0 : known->second);
                if (step == 0 && known != there.end()) continue;
                steps += (steps.empty() ? "" : ",") + ("{\"columnname\":" + json_string(column)) +
                         ",\"increment\":" + std::to_string(step) + "}";
            }
            if (steps.empty()) return {};
            HttpRequest request;
            request.method = "POST";
            request.path = "/v0.3/COUNTER";
            request.headers = {"Content-Type: application/json"};
            const std::string body =
                "{\"rowkeys\":[{\"rowkey\":" + json_string(row) + ",\"columns\":[" + steps + "]}]}";
            request.body = body;
            request.has_body = true;
            NM_ASSIGN(const std::optional<HttpAnswer> answer, client_.try_once(request, kAnswerBytes));
            if (answer && answer->status != kStatusOk) return client_.explain(*answer);
        }
    }

    PatientClient client_;
    const std::string store_;
    Refuse refuse_;
};

// "": an older server, or a credential that may not ask.
Result<std::string> store_of(PatientClient& client) {
    HttpRequest request;
    request.path = "/api/v1/replication";
    NM_ASSIGN(const HttpAnswer answer, client.perform(request, kAnswerBytes));
    const auto parsed = parse_json(answer.body);
    if (answer.status != kStatusOk || !parsed.ok() || !parsed.value().is_object()) return std::string();
    return member_bytes(parsed.value(), "hub");
}

}  // namespace

Result<std::unique_ptr<PullTarget>> open_pull_server(PatientClient client, Refuse refuse) {
    HttpRequest request;
    request.path = "/health";
    NM_ASSIGN(const HttpAnswer answer, client.perform(request, kAnswerBytes));
    const auto health = parse_json(answer.body);
    const bool tells = health.ok() && health.value().is_object() && health.value().contains("replication") &&
                       health.value().at("replication").is_object();
    if (tells && health.value().at("replication").value("standby", json(false)) == true) {
        return Error{Code::conflict, client.url() +
                                         " is a standby and takes no writes but those of replication: pull "
                                         "into the hub that it follows, or open it with nm-tool replication "
                                         "open"};
    }
    NM_ASSIGN(std::string store, store_of(client));
    return std::unique_ptr<PullTarget>(
        std::make_unique<PullServer>(std::move(client), std::move(store), std::move(refuse)));
}

}  // namespace nmstore::tools
