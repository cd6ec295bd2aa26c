// POST /admin/compact, verify and backup: long work, told about as it goes, in JSON lines.
#include <chrono>
#include <memory>
#include <mutex>

#include "server/api_calls.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{200};  // between two lines of the same stage

// Progress lines on their way to the reader: one when a stage begins and ends, and some between. A write that
// fails stops the work, which nobody waits for any more.
class ProgressStream {
  public:
    explicit ProgressStream(BodyWriter& writer) : writer_(writer) {}

    bool report(const ProgressReport& report) {
        const auto now = std::chrono::steady_clock::now();
        const bool ends = report.total > 0 && report.done >= report.total;
        if (report.stage == stage_ && !ends && now < next_) return true;
        stage_ = report.stage;
        next_ = now + kProgressInterval;
        std::string line;
        JsonWriter json(line);
        json.begin_object().member("stage", report.stage).key("done").natural(report.done);
        json.key("total").natural(report.total).member("unit", report.unit).end_object();
        return write(std::move(line));
    }

    bool write(std::string line) {
        line += '\n';
        return writer_.write(line);
    }

  private:
    BodyWriter& writer_;
    std::string stage_;
    std::chrono::steady_clock::time_point next_;
};

std::string error_line(const Error& error) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("result", "error").member("code", code_name(error.code));
    json.member("message", error.message).end_object();
    return line;
}

// Work that reports progress and ends with the last line of the answer, or an Error.
using Work = std::function<Result<std::string>(const Progress& progress)>;

Response answer_work(Work work) {
    Response response;
    response.content_type = kNdjson;
    response.stream = [work = std::move(work)](BodyWriter& writer) {
        ProgressStream stream(writer);
        const Result<std::string> last =
            work([&stream](const ProgressReport& report) { return stream.report(report); });
        stream.write(last ? last.value() : error_line(last.error()));
    };
    return response;
}

std::string verify_line(const VerifyReport& report) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    if (report.problem_count == 0) {
        json.member("result", "ok");
    } else {
        json.member("result", "error").member("code", code_name(Code::corruption));
        json.member("message", std::to_string(report.problem_count) + " problems found");
    }
    json.key("rows").natural(report.rows).key("cells").natural(report.cells);
    json.key("lines").natural(report.lines).key("counters").natural(report.counters);
    json.key("index_entries").natural(report.index_entries);
    json.key("problem_count").natural(report.problem_count).key("problems").begin_array();
    for (const std::string& problem : report.problems) json.string(problem);
    json.end_array().end_object();
    return line;
}

void write_backup(JsonWriter& json, const BackupInfo& info) {
    json.key("id").natural(info.id).key("time").integer(info.time_ms);
    json.key("bytes").natural(info.bytes).key("files").natural(info.files);
}

}  // namespace

Result<Response> compact(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    return answer_work([&store = context.store](const Progress& progress) -> Result<std::string> {
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
    return answer_work([&store = context.store](const Progress& progress) -> Result<std::string> {
        NM_ASSIGN(const VerifyReport report, store.verify(progress));
        return verify_line(report);
    });
}

Result<Response> backup(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    return answer_work([&context](const Progress& progress) -> Result<std::string> {
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
