#include "server/replication_http.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace nmstore::server {
namespace {

constexpr long kConnectMs = 5'000;
constexpr long kUploadBytes = 256L << 10;
constexpr long kSilenceSeconds = 60;         // not a byte either way, or hardly one
constexpr long kLeastBytesASecond = 64;      // over that time
constexpr long kLongestAskMs = 10 * 60'000;  // of what has no body, however slowly its answer comes
constexpr std::size_t kMaxAnswerBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxToldBytes = 300;  // of what a target says in an error
constexpr std::chrono::seconds kLongestRetryAfter{300};

struct Transfer {
    const std::atomic<bool>& stopping;
    ReplicationAnswer answer{};
    std::string_view body{};  // what is still to be sent
};

std::size_t on_read(char* to, std::size_t, std::size_t room, void* user) {
    std::string_view& body = static_cast<Transfer*>(user)->body;
    const std::size_t size = body.copy(to, room);
    body.remove_prefix(size);
    return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& body = static_cast<Transfer*>(user)->answer.body;
    if (body.size() + size > kMaxAnswerBytes) return 0;
    body.append(data, size);
    return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
    constexpr std::string_view kName = "retry-after:";
    std::string_view line(data, size);
    if (line.size() < kName.size()) return size;
    const bool same = std::equal(kName.begin(), kName.end(), line.begin(),
                                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    if (!same) return size;
    line.remove_prefix(std::min(line.find_first_not_of(' ', kName.size()), line.size()));
    unsigned seconds = 0;  // a date is passed over: clocks differ
    if (std::from_chars(line.data(), line.data() + line.size(), seconds).ec == std::errc{}) {
        static_cast<Transfer*>(user)->answer.retry_after =
            std::min<std::chrono::milliseconds>(std::chrono::seconds(seconds), kLongestRetryAfter);
    }
    return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stopping ? 1 : 0;
}

// A proxy of the environment is meant for other machines.
bool is_loopback(const std::string& url) {
    const std::string host = url.substr(url.find("//") + 2);
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

// A post on a kept connection that ends is not sent again (see prepare()), which curl calls a failed
// rewinding.
std::string told_of(CURLcode code, CURL* curl) {
    if (code == CURLE_OPERATION_TIMEDOUT) {
        double connected = 0;
        curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME, &connected);
        return connected > 0 ? "the target has not answered for " + std::to_string(kSilenceSeconds) + " s"
                             : "no connection within " + std::to_string(kConnectMs / 1000) + " s";
    }
    if (code == CURLE_SEND_FAIL_REWIND || code == CURLE_GOT_NOTHING)
        return "the connection ended without an answer";
    return curl_easy_strerror(code);
}

class Connection {
  public:
    Connection(ReplicationTargetOptions target, const std::atomic<bool>& stopping)
        : target_(std::move(target)), stopping_(stopping), handle_(make(), curl_easy_cleanup) {}

    Result<ReplicationAnswer> call(const ReplicationRequest& request) {
        if (!handle_) return Error{Code::unavailable, "cannot set up HTTP"};
        Transfer transfer{stopping_};
        curl_slist* list = curl_slist_append(nullptr, "Expect:");
        if (!request.content_type.empty())
            list = curl_slist_append(list, ("Content-Type: " + request.content_type).c_str());
        const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(list, curl_slist_free_all);
        prepare(request, transfer, headers.get());
        const CURLcode code = curl_easy_perform(handle_.get());
        // curl's own detailed messages may name the URL.
        if (code != CURLE_OK) return Error{Code::unavailable, told_of(code, handle_.get())};
        long status = 0;
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        transfer.answer.status = static_cast<int>(status);
        return std::move(transfer.answer);
    }

  private:
    static CURL* make() {
        static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
        return ready ? curl_easy_init() : nullptr;
    }

    void prepare(const ReplicationRequest& request, Transfer& transfer, curl_slist* headers) {
        CURL* curl = handle_.get();
        curl_easy_reset(curl);
        curl_easy_setopt(curl, CURLOPT_URL, (target_.url + request.path).c_str());
        curl_easy_setopt(curl, CURLOPT_PATH_AS_IS,
                         1L);  // rows and columns may be called "..", see path_segment()
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        if (request.method == "POST") {
            // Read piece by piece, and never from the beginning again: else curl sends a post by itself a
            // second time when a kept connection ends without an answer, and a counter's step would count
            // twice.
            transfer.body = request.body;
            curl_easy_setopt(curl, CURLOPT_POST, 1L);
            curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
            curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
            curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBytes);
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        } else {
            if (request.method != "GET")
                curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
            curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kLongestAskMs);
        }
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (!target_.credential.empty()) {
            curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
            const std::size_t colon = target_.credential.find(':');
            curl_easy_setopt(curl, CURLOPT_USERNAME, target_.credential.substr(0, colon).c_str());
            curl_easy_setopt(curl, CURLOPT_PASSWORD, target_.credential.substr(colon + 1).c_str());
        }
        if (is_loopback(target_.url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "nm-stored/" NM_VERSION);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kLeastBytesASecond);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
        if (!target_.ca_file.empty()) {
            curl_easy_setopt(curl, CURLOPT_CAINFO, target_.ca_file.c_str());
            curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
        }
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    }

    const ReplicationTargetOptions target_;
    const std::atomic<bool>& stopping_;
    const std::unique_ptr<CURL, void (*)(CURL*)> handle_;
};

// What the target says, in either shape of errors; "" if it says nothing that can be read.
std::string told_by(const std::string& body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object()) return "";
    std::string text;
    if (json.contains("error") && json["error"].is_object() && json["error"].contains("message") &&
        json["error"]["message"].is_string())
        text = json["error"]["message"].get<std::string>();
    if (text.empty() && json.contains("detail") && json["detail"].is_string())
        text = json["detail"].get<std::string>();
    return text.substr(0, kMaxToldBytes);
}

}  // namespace

Result<void> check_replication_ca(const std::string& file) {
    if (file.empty()) return {};
    const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> store(X509_STORE_new(), X509_STORE_free);
    if (store && X509_STORE_load_file(store.get(), file.c_str()) == 1) return {};
    return Error{Code::invalid_argument,
                 "replicate-ca: " + file + " has no certificates (PEM), or cannot be read"};
}

bool is_replication_url(const std::string& url) {
    const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
    return parsed && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
}

ReplicationCall replication_call(const ReplicationTargetOptions& target, const std::atomic<bool>& stopping) {
    return [connection = std::make_shared<Connection>(target, stopping)](const ReplicationRequest& request) {
        return connection->call(request);
    };
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kPlain = "-._~";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           kPlain.find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
        }
    }
    return out;
}

std::string path_segment(std::string_view text) {
    if (text.find_first_not_of('.') != std::string_view::npos) return percent_encoded(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) out += "%2E";
    return out;
}

bool replication_refuses(int status) {
    constexpr std::array kRefusals{400, 404, 405, 409, 413, 414, 422, 431};
    return std::find(kRefusals.begin(), kRefusals.end(), status) != kRefusals.end();
}

Error replication_fault(const ReplicationAnswer& answer) {
    const std::string told = told_by(answer.body);
    const std::string text =
        "the target answers " + std::to_string(answer.status) + (told.empty() ? "" : ": " + told);
    switch (answer.status) {
        case 401:
            return {Code::unsupported,
                    "the target does not know the credentials (401): see --replicate-auth"};
        case 403:
            return {Code::unsupported, "the target does not allow it with these credentials (403)" +
                                           (told.empty() ? "" : ": " + told)};
        case 413:
            return {Code::too_large, text};
        case 429:
        case 503:
            return {Code::busy, text};
        default:
            break;
    }
    return {answer.status >= 500 || answer.status == 408 ? Code::unavailable : Code::unsupported, text};
}

}  // namespace nmstore::server
