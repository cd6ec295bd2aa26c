#include "tools/pull_request.h"

#include <random>
#include <thread>

#include "tools/interruption.h"

namespace nmstore::tools {
namespace {

constexpr std::chrono::milliseconds kNap{50};
constexpr std::chrono::seconds kSilence{120};

bool is_passing(int status) {
    if (status == 408 || status == 425 || status == 429) return true;
    return status >= 500 && status != 501 && status != 505;
}

}  // namespace

Result<PatientClient> PatientClient::make(const ServerAddress& address, Remark remark) {
    NM_ASSIGN(HttpClient client, HttpClient::make(address));
    return PatientClient(std::move(client), address, std::move(remark));
}

PatientClient::PatientClient(HttpClient client, ServerAddress address, Remark remark)
    : client_(std::move(client)),
      address_(std::move(address)),
      remark_(std::move(remark)),
      back_off_(std::random_device{}()) {}

Result<HttpAnswer> PatientClient::once(const HttpRequest& request, std::size_t max_bytes) {
    std::string body;
    bool too_large = false;
    const auto take = [&](std::string_view piece) {
        too_large = body.size() + piece.size() > max_bytes;
        if (!too_large) body += piece;
        return !too_large;
    };
    NM_ASSIGN(HttpAnswer answer, client_.stream(request, take));
    if (too_large) {
        return Error{Code::too_large, "the answer of " + client_.url() + " to " + request.path +
                                          " is longer than " + std::to_string(max_bytes) + " bytes"};
    }
    if (answer.status >= 200 && answer.status < 300) answer.body = std::move(body);
    return answer;
}

Result<void> PatientClient::pause(const std::string& why, const std::string& retry_after) {
    if (!told_ && remark_) remark_(why + "; trying again");
    told_ = true;
    const auto until = std::chrono::steady_clock::now() + back_off_.next(retry_after);
    while (!interrupted() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kNap);
    if (interrupted()) return Error{Code::cancelled, "interrupted"};
    return {};
}

Result<std::optional<HttpAnswer>> PatientClient::try_once(const HttpRequest& request, std::size_t max_bytes) {
    HttpRequest bounded = request;
    bounded.silence = kSilence;
    auto answer = once(bounded, max_bytes);
    if (!answer.ok()) {
        const Code code = answer.error().code;
        const bool passing = code == Code::unavailable || code == Code::deadline_exceeded;
        if (!passing || !answered_) return std::move(answer).error();
        NM_TRY(pause(answer.error().message, ""));
        return std::optional<HttpAnswer>();
    }
    answered_ = true;
    if (is_passing(answer.value().status)) {
        NM_TRY(pause(explain(answer.value()).message, answer.value().retry_after));
        return std::optional<HttpAnswer>();
    }
    if (told_ && remark_) remark_(client_.url() + " answers again");
    told_ = false;
    back_off_.reset();
    return std::optional<HttpAnswer>(std::move(answer).value());
}

Result<HttpAnswer> PatientClient::perform(const HttpRequest& request, std::size_t max_bytes) {
    while (true) {
        NM_ASSIGN(std::optional<HttpAnswer> answer, try_once(request, max_bytes));
        if (answer) return *std::move(answer);
    }
}

Error PatientClient::explain(const HttpAnswer& answer) const {
    if (answer.status == 401) {
        return {Code::conflict, client_.url() + " does not know these credentials: give TOKEN:ACCOUNT with " +
                                    address_.credential_option};
    }
    return tools::explain(answer, client_.url());
}

}  // namespace nmstore::tools
