#include "server/api_work.h"

#include <chrono>
#include <utility>

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

}  // namespace

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
