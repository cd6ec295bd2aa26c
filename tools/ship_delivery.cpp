#include "tools/ship_delivery.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "tools/interruption.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

constexpr std::chrono::milliseconds kNap{50};
constexpr std::chrono::seconds kLongestPost{120};
constexpr unsigned kMaxDoublings = 12;

bool sleep_unless_interrupted(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (!interrupted() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kNap);
    return !interrupted();
}

Delivered read_report(const std::string& body) {
    Delivered delivered;
    const auto parsed = parse_json(body);
    if (!parsed.ok() || !parsed.value().is_object()) return delivered;
    const auto& report = parsed.value();
    delivered.accepted = static_cast<std::uint64_t>(member_number(report, "accepted"));
    delivered.rejected = static_cast<std::uint64_t>(member_number(report, "rejected"));
    delivered.repeated = report.value("repeated", false);
    if (report.contains("errors") && report.at("errors").is_array() && !report.at("errors").empty()) {
        delivered.first_reason = member_bytes(report.at("errors").front(), "reason");
    }
    return delivered;
}

bool is_report(const std::string& body) {
    const auto parsed = parse_json(body);
    return parsed.ok() && parsed.value().is_object() && parsed.value().contains("accepted");
}

}  // namespace

Verdict judge(const HttpAnswer& answer) {
    if (answer.status >= 200 && answer.status < 300)
        return is_report(answer.body) ? Verdict::delivered : Verdict::refused;
    // Every line was bad: the server has judged the batch, and would judge it so again.
    if (answer.status == 400 && is_report(answer.body)) return Verdict::delivered;
    if (answer.status == 408 || answer.status == 425 || answer.status == 429 || answer.status >= 500) {
        return answer.status == 501 || answer.status == 505 ? Verdict::refused : Verdict::retry;
    }
    return Verdict::refused;
}

std::chrono::milliseconds BackOff::next(const std::string& retry_after) {
    const auto most = std::min(kLongestPause, kFirstPause * (1 << std::min(tries_, kMaxDoublings)));
    ++tries_;
    std::uniform_int_distribution<std::int64_t> spread(most.count() / 2, most.count());
    std::chrono::milliseconds pause(spread(random_));
    const bool seconds = !retry_after.empty() && retry_after.size() <= 4 &&
                         retry_after.find_first_not_of("0123456789") == std::string::npos;
    if (seconds)
        pause = std::max<std::chrono::milliseconds>(pause, std::chrono::seconds(std::stoi(retry_after)));
    return pause;
}

ShipDelivery::ShipDelivery(HttpClient client, Remark remark)
    : client_(std::move(client)), remark_(std::move(remark)), back_off_(std::random_device{}()) {}

HttpRequest ShipDelivery::request_for(const std::string& source, const PackedBatch& batch) const {
    HttpRequest request;
    request.method = "POST";
    request.path = "/api/v1/logs";
    request.parameters = {{"client", batch.client}};
    request.headers = {"Content-Type: application/x-ndjson", "NM-Source: " + source,
                       "NM-Sequence: " + std::to_string(batch.sequence)};
    if (!batch.encoding.empty()) request.headers.push_back("Content-Encoding: " + batch.encoding);
    request.body = batch.body;
    request.has_body = true;
    request.longest = kLongestPost;
    request.uninterrupted = true;
    return request;
}

Result<Delivered> ShipDelivery::deliver(const std::string& source, const PackedBatch& batch,
                                        bool may_have_been_sent) {
    const HttpRequest request = request_for(source, batch);
    bool told = false;
    back_off_.reset();
    for (bool first = !may_have_been_sent;; first = false) {
        const auto answer = client_.perform(request);
        std::string why;
        if (answer.ok()) {
            const Verdict verdict = judge(answer.value());
            if (verdict == Verdict::delivered) {
                const Delivered delivered = read_report(answer.value().body);
                if (delivered.repeated && first) {
                    return Error{Code::conflict,
                                 "the server knows a later batch of this shipper: the state file is older "
                                 "than what was sent "
                                 "with it (restored from a backup?). Move it away to begin anew, which sends "
                                 "all again"};
                }
                if (told && remark_) remark_("the server answers again");
                return delivered;
            }
            const Error error = explain(answer.value(), client_.url());
            if (verdict == Verdict::refused) return error;
            why = error.message;
        } else {
            why = answer.error().message;
        }
        if (!told && remark_) remark_(why + "; trying again");
        told = true;
        if (!sleep_unless_interrupted(back_off_.next(answer.ok() ? answer.value().retry_after : ""))) {
            return Error{Code::cancelled, "interrupted"};
        }
    }
}

}  // namespace nmstore::tools
