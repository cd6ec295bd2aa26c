#include "server/webhook_post.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <memory>

namespace nmstore::server {
namespace {

constexpr long kMostConnectMs = 5'000;
constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 10;

struct Transfer {
    const std::atomic<bool>& stopping;
    std::size_t read = 0;
    bool too_much = false;
};

std::size_t on_body(char*, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.read += size * count;
    transfer.too_much = transfer.read > kMaxAnswerBytes;
    return transfer.too_much ? 0 : size * count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stopping ? 1 : 0;
}

// A proxy of the environment is meant for other machines.
bool is_loopback(const std::string& url) {
    const std::string host = url.substr(url.find("//") + 2);
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

}  // namespace

std::string webhook_signature(const std::string& secret, const std::string& body) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    NM_CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                  reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(),
                  &size) != nullptr);
    std::string out = "sha256=";
    for (unsigned i = 0; i < size; ++i) {
        out += kDigits[digest[i] >> 4];
        out += kDigits[digest[i] & 15];
    }
    return out;
}

Result<void> check_webhook_options(const WebhookOptions& options) {
    if (options.ca_file.empty()) return {};
    const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> store(X509_STORE_new(), X509_STORE_free);
    if (store && X509_STORE_load_file(store.get(), options.ca_file.c_str()) == 1) return {};
    return Error{Code::invalid_argument,
                 "webhook-ca: " + options.ca_file + " has no certificates (PEM), or cannot be read"};
}

Result<int> post_webhook(const WebhookRequest& request, const WebhookOptions& options,
                         const std::atomic<bool>& stopping) {
    static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    const std::unique_ptr<CURL, void (*)(CURL*)> handle(ready ? curl_easy_init() : nullptr,
                                                        curl_easy_cleanup);
    if (!handle) return Error{Code::unavailable, "cannot set up HTTP"};
    curl_slist* list = nullptr;
    const auto header = [&list](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
    header("Content-Type: application/json");
    header("Expect:");
    header("NM-Alert-Id: " + request.id);
    if (!request.secret.empty()) header("NM-Signature: " + webhook_signature(request.secret, request.body));
    const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(list, curl_slist_free_all);
    Transfer transfer{stopping};
    CURL* curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    if (is_loopback(request.url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "nm-stored/" NM_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    const long whole_ms = static_cast<long>(options.timeout.count());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::min(kMostConnectMs, whole_ms));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, whole_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
    // A name is looked up on a thread of curl's, which nothing can end. Without this curl waits for it when
    // the time is over, or the transfer is given up: for as long as the resolver tries. With it the thread is
    // left to end by itself.
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
#endif
    if (!options.ca_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    const CURLcode code = curl_easy_perform(curl);
    // curl's own detailed messages may name the URL.
    if (code != CURLE_OK && !transfer.too_much) return Error{Code::unavailable, curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
}

}  // namespace nmstore::server
