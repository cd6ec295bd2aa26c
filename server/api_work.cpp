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

}  // namespace nmstore::server::api
