#include "server/api_work.h"

#include <chrono>
#include <optional>
#include <utility>

#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/running_work.h"

namespace nmstore::server::api {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{200};  // between two lines of the same stage

// Progress lines on their way to the reader: one when a stage begins and ends, and some between. A write that
// fails stops the work, which nobody waits for any more.
class ProgressStream {
  public:
    // entry: where the work stands among what runs, or null.
    ProgressStream(BodyWriter& writer, RunningWork::Entry* entry) : writer_(writer), entry_(entry) {}

    bool report(const ProgressReport& report) {
        const auto now = std::chrono::steady_clock::now();
        const bool ends = report.total > 0 && report.done >= report.total;
        if (report.stage == stage_ && !ends && now < next_) return true;
        stage_ = report.stage;
        next_ = now + kProgressInterval;
        if (entry_ != nullptr) entry_->report(report);
        std::string line;
        JsonWriter json(line);
        json.begin_object().member("stage", report.stage).key("done").natural(report.done);
        json.key("total").natural(report.total).member("unit", report.unit);
        if (entry_ != nullptr) json.key("work").natural(entry_->id());
        json.end_object();
        return write(std::move(line));
    }

    bool write(std::string line) {
        line += '\n';
        return writer_.write(line);
    }

  private:
    BodyWriter& writer_;
    RunningWork::Entry* const entry_;
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

}  // namespace

Response answer_work(Context& context, const Request& request, std::string_view what, Work work) {
    Response response;
    response.content_type = kNdjson;
    response.stream = [running = context.running_work, what = std::string(what),
                       token = request.principal.token, peer = request.peer,
                       work = std::move(work)](BodyWriter& writer) {
        std::optional<RunningWork::Entry> entry;
        if (running != nullptr) entry.emplace(*running, what, token, peer);
        ProgressStream stream(writer, entry ? &*entry : nullptr);
        const Result<std::string> last =
            work([&stream](const ProgressReport& report) { return stream.report(report); });
        stream.write(last ? last.value() : error_line(last.error()));
    };
    return response;
}

Result<Response> running_work(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    if (context.running_work == nullptr) return Error{Code::unavailable, "it is not known here what runs"};
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("work").begin_array();
    for (const RunningJob& job : context.running_work->list()) {
        json.begin_object().key("id").natural(job.id).member("what", job.what);
        json.member_or_null("token", job.token).member_or_null("address", job.address);
        json.key("begun").integer(job.begun_ms).member_or_null("stage", job.stage);
        json.key("done").natural(job.done).key("total").natural(job.total);
        json.member_or_null("unit", job.unit).end_object();
    }
    json.end_array().end_object();
    return response;
}

void begin_findings(JsonWriter& json, std::uint64_t problem_count, std::string_view what) {
    json.begin_object();
    if (problem_count == 0) {
        json.member("result", "ok");
        return;
    }
    json.member("result", "error").member("code", code_name(Code::corruption));
    json.member("message", std::to_string(problem_count) + " " + std::string(what));
}

void end_findings(JsonWriter& json, std::uint64_t problem_count, const std::vector<std::string>& problems) {
    json.key("problem_count").natural(problem_count).key("problems").begin_array();
    for (const std::string& problem : problems) json.string(problem);
    json.end_array().end_object();
}

}  // namespace nmstore::server::api
