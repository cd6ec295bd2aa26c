// RemoteSource's calls for the administrator: statistics, long work that reports its progress, and dropping
// data.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "nmstore/value_type.h"
#include "tools/json_text.h"
#include "tools/remote_source.h"

namespace nmstore::tools {
namespace {

using nlohmann::json;

// Numbers, texts and truth values of an object in its order; objects inside it with dotted names.
void append_details(const json& object, const std::string& prefix, std::vector<Detail>& out) {
    for (const auto& [name, value] : object.items()) {
        if (value.is_object()) {
            append_details(value, prefix + name + ".", out);
        } else if (!value.is_array()) {
            out.push_back({prefix + name, bytes_of(value), value.is_number()});
        }
    }
}

Code code_named(const std::string& name) {
    for (int i = 0; i <= static_cast<int>(Code::unsupported); ++i) {
        if (code_name(static_cast<Code>(i)) == name) return static_cast<Code>(i);
    }
    return Code::unavailable;
}

WorkAnswer work_answer_of(json object) {
    WorkAnswer answer;
    if (object.contains("problems") && object.at("problems").is_array()) {
        for (const json& problem : object.at("problems")) answer.problems.push_back(bytes_of(problem));
    }
    answer.problem_count = static_cast<std::uint64_t>(
        member_number(object, "problem_count", static_cast<std::int64_t>(answer.problems.size())));
    for (const char* shown_elsewhere : {"result", "problems", "code", "message"})
        object.erase(shown_elsewhere);
    append_details(object, "", answer.details);
    return answer;
}

// Long work: its progress as it comes, then the object that it ends with.
Result<json> last_of(HttpClient& client, HttpRequest request, const Progress& progress) {
    request.method = "POST";
    request.has_body = true;
    request.silence = std::chrono::hours(24);  // one step may take long; an interruption ends the wait
    std::optional<Result<json>> answer;
    const auto read = [&](std::string_view line) {
        auto parsed = parse_json(line);
        if (!parsed.ok() || !parsed.value().is_object()) {
            answer = Error{Code::corruption,
                           "the server's report cannot be read: " + std::string(line.substr(0, 200))};
            return false;
        }
        json& object = *parsed;
        if (!object.contains("result")) {
            const std::string stage = member_bytes(object, "stage");
            const std::string unit = member_bytes(object, "unit");
            return !progress || progress({stage, static_cast<std::uint64_t>(member_number(object, "done")),
                                          static_cast<std::uint64_t>(member_number(object, "total")), unit});
        }
        if (member_bytes(object, "result") == "ok" || object.contains("problems")) {
            answer = std::move(object);
        } else {
            answer = Error{code_named(member_bytes(object, "code")), member_bytes(object, "message")};
        }
        return true;
    };
    NM_TRY(client.fetch_lines(request, read));
    if (!answer) return Error{Code::unavailable, "the server's report ended before the work was done"};
    return std::move(*answer);
}

RetentionReport retention_report_of(const json& object) {
    const auto natural = [](const json& of, const char* name) {
        return static_cast<std::uint64_t>(member_number(of, name));
    };
    RetentionReport report;
    report.rows_by_age = natural(object, "rows_by_age");
    report.rows_by_bytes = natural(object, "rows_by_bytes");
    report.bytes = natural(object, "bytes");
    report.names = natural(object, "names");
    report.store_bytes = natural(object, "store_bytes");
    report.over_bytes = natural(object, "over_bytes");
    if (!object.contains("rows") || !object.at("rows").is_array()) return report;
    for (const json& row : object.at("rows")) {
        report.rows.push_back({member_bytes(row, "family"), member_bytes(row, "row"), natural(row, "bytes"),
                               member_bytes(row, "why") == "age"});
    }
    return report;
}

}  // namespace

Result<WorkAnswer> RemoteSource::work(const std::string& path, const Progress& progress) {
    HttpRequest request;
    request.path = path;
    NM_ASSIGN(json object, last_of(client_, std::move(request), progress));
    return work_answer_of(std::move(object));
}

Result<RetentionReport> RemoteSource::retain(const RetentionRequest& asked, const Progress& progress) {
    std::string rules;
    for (const std::string& rule : asked.policy.rules) rules += rule + "\n";
    HttpRequest request;
    request.path = "/api/v1/admin/retention";
    request.parameters = {{"dry_run", asked.dry_run ? "true" : ""},
                          {"keep", asked.policy.keep},
                          {"rules", rules},
                          {"max_bytes", asked.policy.bytes},
                          {"forget_names", asked.policy.forget_names ? "true" : ""}};
    NM_ASSIGN(const json object, last_of(client_, std::move(request), progress));
    return retention_report_of(object);
}

Result<std::vector<Detail>> RemoteSource::stats() {
    HttpRequest request;
    request.path = "/api/v1/stats";
    NM_ASSIGN(const std::string body, client_.fetch(request));
    NM_ASSIGN(const json answer, parse_json(body));
    std::vector<Detail> details;
    append_details(answer, "", details);
    return details;
}

Result<WorkAnswer> RemoteSource::compact(const Progress& progress) {
    return work("/api/v1/admin/compact", progress);
}

Result<WorkAnswer> RemoteSource::verify(const Progress& progress) {
    return work("/api/v1/admin/verify", progress);
}

Result<WorkAnswer> RemoteSource::reindex(const ReindexSelection& selection, const Progress& progress) {
    HttpRequest request;
    request.path = "/api/v1/admin/reindex";
    request.parameters = {{"all", selection.all ? "true" : ""},
                          {"family", selection.family},
                          {"row", selection.row},
                          {"client", selection.client},
                          {"log", selection.log},
                          {"kind", selection.kind},
                          {"from", selection.from},
                          {"to", selection.to}};
    NM_ASSIGN(json object, last_of(client_, std::move(request), progress));
    return work_answer_of(std::move(object));
}

Result<WorkAnswer> RemoteSource::backup(const std::string& directory, const Progress& progress) {
    if (!directory.empty()) {
        return Error{Code::invalid_argument,
                     "a server writes backups below its own --backup-dir: leave the directory out, or name "
                     "the store with --data"};
    }
    return work("/api/v1/admin/backup", progress);
}

Result<std::vector<BackupInfo>> RemoteSource::backups() {
    HttpRequest request;
    request.path = "/api/v1/admin/backups";
    NM_ASSIGN(const std::string body, client_.fetch(request));
    NM_ASSIGN(const json answer, parse_json(body));
    std::vector<BackupInfo> out;
    if (!answer.is_object() || !answer.contains("backups")) {
        return Error{Code::corruption, "the server's answer has no list \"backups\""};
    }
    for (const json& backup : answer.at("backups")) {
        BackupInfo info;
        info.id = static_cast<std::uint32_t>(member_number(backup, "id"));
        info.time_ms = member_number(backup, "time");
        info.bytes = static_cast<std::uint64_t>(member_number(backup, "bytes"));
        info.files = static_cast<std::uint32_t>(member_number(backup, "files"));
        out.push_back(info);
    }
    return out;
}

Result<DropAnswer> RemoteSource::drop(const DropRequest& request) {
    HttpRequest http;
    http.method = "DELETE";
    const bool whole_family = !request.family.empty() && request.row.empty() && request.client.empty() &&
                              request.log.empty() && request.kind.empty() && request.from.empty() &&
                              request.to.empty();
    if (whole_family) {
        NM_ASSIGN(const std::vector<std::string> names, families());
        if (std::find(names.begin(), names.end(), request.family) == names.end()) {
            return Error{Code::not_found, "there is no family " + printable(request.family)};
        }
        if (!request.dry_run) {
            http.path = "/v0.3/COLUMNFAMILY/" + percent_encode(request.family);
            NM_TRY(client_.fetch(http));
        }
        return DropAnswer{1, {request.family}};
    }
    http.path = "/api/v1/rows";
    http.parameters = {{"family", request.family}, {"row", request.row},
                       {"client", request.client}, {"log", request.log},
                       {"kind", request.kind},     {"from", request.from},
                       {"to", request.to},         {"dry_run", request.dry_run ? "true" : ""}};
    NM_ASSIGN(const std::string body, client_.fetch(http));
    NM_ASSIGN(const json answer, parse_json(body));
    DropAnswer out;
    out.dropped = static_cast<std::uint64_t>(member_number(answer, "dropped"));
    if (answer.is_object() && answer.contains("rows") && answer.at("rows").is_array()) {
        for (const json& row : answer.at("rows")) out.rows.push_back(bytes_of(row));
    }
    return out;
}

}  // namespace nmstore::tools
