// POST /admin/compact, verify and backup: long work, told about as it goes, in JSON lines.
#include "server/api_calls.h"
#include "server/api_work.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

std::string verify_line(const VerifyReport& report) {
    std::string line;
    JsonWriter json(line);
    begin_findings(json, report.problem_count, "problems found");
    json.key("rows").natural(report.rows).key("cells").natural(report.cells);
    json.key("lines").natural(report.lines).key("counters").natural(report.counters);
    json.key("index_entries").natural(report.index_entries).key("blocks").natural(report.blocks);
    end_findings(json, report.problem_count, report.problems);
    return line;
}

void write_backup(JsonWriter& json, const BackupInfo& info) {
    json.key("id").natural(info.id).key("time").integer(info.time_ms);
    json.key("bytes").natural(info.bytes).key("files").natural(info.files);
}

}  // namespace

Result<Response> compact(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    return answer_work(context, request, "compact",
                       [&store = context.store](const Progress& progress) -> Result<std::string> {
                           NM_TRY(store.compact(progress));
                           std::string line;
                           JsonWriter json(line);
                           json.begin_object().member("result", "ok");
                           json.key("disk_bytes").natural(store.stats().disk_bytes).end_object();
                           return line;
                       });
}

Result<Response> verify(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    return answer_work(context, request, "verify",
                       [&store = context.store](const Progress& progress) -> Result<std::string> {
                           NM_ASSIGN(const VerifyReport report, store.verify(progress));
                           return verify_line(report);
                       });
}

Result<Response> backup(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    return answer_work(
        context, request, "backup", [&context](const Progress& progress) -> Result<std::string> {
            NM_ASSIGN(const BackupInfo info, context.store.backup(context.config.backup_dir, progress));
            std::string line;
            JsonWriter json(line);
            json.begin_object().member("result", "ok");
            write_backup(json, info);
            json.end_object();
            return line;
        });
}

// Oldest first; none where there is no directory of backups yet.
Result<Response> list_backups(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    std::vector<BackupInfo> backups;
    Result<std::vector<BackupInfo>> found = nmstore::list_backups(context.config.backup_dir);
    if (found) {
        backups = std::move(*found);
    } else if (found.error().code != Code::not_found) {
        return std::move(found).error();
    }
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("backups").begin_array();
    for (const BackupInfo& info : backups) {
        json.begin_object();
        write_backup(json, info);
        json.end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace nmstore::server::api
