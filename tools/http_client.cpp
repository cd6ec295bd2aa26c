#include "tools/http_client.h"

#include <curl/curl.h>

#include <algorithm>

#include "tools/interruption.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kMaxErrorBody = std::size_t{1} << 20;
constexpr std::size_t kMaxStreamedLine = std::size_t{64} << 20;

struct HeaderList {
    curl_slist* list = nullptr;
    ~HeaderList() { curl_slist_free_all(list); }
    void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

// What one request's callbacks share.
struct Transfer {
    CURL* handle = nullptr;
    const HttpRequest* request = nullptr;
    const EachPiece* each = nullptr;
    HttpAnswer answer;
    bool reader_stopped = false;
    bool received = false;
};

bool is_success(int status) {
    return status >= 200 && status < 300;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.received = true;
    long status = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    if (transfer.each != nullptr && is_success(static_cast<int>(status))) {
        if ((*transfer.each)({data, size})) return size;
        transfer.reader_stopped = true;
        return 0;
    }
    if (is_success(static_cast<int>(status))) {
        transfer.answer.body.append(data, size);
    } else {
        transfer.answer.body.append(
            data, std::min(size, kMaxErrorBody - std::min(kMaxErrorBody, transfer.answer.body.size())));
    }
    return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.received = true;
    std::string line(data, size);
    if (line == "\r\n" || line == "\n") {  // the end of a head
        long status = 0;
        curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
        if (is_success(static_cast<int>(status)) && transfer.request->began) transfer.request->began();
        return size;
    }
    const auto colon = line.find(':');
    if (colon == std::string::npos) return size;
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name == "retry-after") {
        const auto begin = line.find_first_not_of(' ', colon + 1);
        const auto end = line.find_last_not_of(" \r\n");
        if (begin != std::string::npos && end >= begin)
            transfer.answer.retry_after = line.substr(begin, end - begin + 1);
    }
    return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (!transfer.request->uninterrupted && interrupted()) return 1;
    if (!transfer.request->wanted || transfer.request->wanted()) return 0;
    transfer.reader_stopped = true;
    return 1;
}

std::string target_of(const HttpRequest& request) {
    std::string target = request.path;
    char separator = '?';
    for (const auto& [name, value] : request.parameters) {
        if (value.empty()) continue;
        target += separator;
        target += percent_encode(name) + '=' + percent_encode(value);
        separator = '&';
    }
    return target;
}

// A proxy of the environment is meant for other machines.
bool is_loopback(const std::string& url) {
    const std::string host = url.substr(url.find("//") + 2);
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

std::string advice_on(std::string_view why, const std::string& url_option) {
    if (why.find("expired") != std::string_view::npos)
        return " (the server needs a new one; --insecure does not look at it)";
    if (why.find("host name") != std::string_view::npos)
        return " (" + url_option +
               " must name the server as its certificate does; --insecure does not look at it)";
    return " (--ca-file names the certificate to trust)";
}

Error transport_error(CURLcode code, const char* detail, const ServerAddress& address) {
    const std::string& url = address.url;
    const std::string why = detail[0] != '\0' ? detail : curl_easy_strerror(code);
    switch (code) {
        case CURLE_ABORTED_BY_CALLBACK:
            return {Code::cancelled, "interrupted"};
        case CURLE_OPERATION_TIMEDOUT:
            return {Code::deadline_exceeded, "no answer from " + url + ": " + why};
        case CURLE_COULDNT_CONNECT:
        case CURLE_COULDNT_RESOLVE_HOST:
            return {Code::unavailable, "cannot reach " + url + ": " + why + " (is nm-stored running? see " +
                                           address.url_option + ")"};
        // What follows is the same at the next try.
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
            return {Code::conflict, "the certificate of " + url + " is not trusted: " + why +
                                        advice_on(why, address.url_option)};
        case CURLE_SSL_CIPHER:
            return {Code::unsupported, "no way to speak TLS with " + url + ": " + why};
        case CURLE_UNSUPPORTED_PROTOCOL:
            return {Code::unsupported,
                    url + " does not speak HTTP: " + why + " (see " + address.url_option + ")"};
        case CURLE_SSL_CONNECT_ERROR:
            // Else it may be a connection that was cut within the handshake.
            if (why.find("wrong version number") == std::string::npos) break;
            return {Code::unsupported, url + " does not speak TLS: " + why + " (is it http://?)"};
        case CURLE_SSL_CACERT_BADFILE:
            return {Code::invalid_argument, "--ca-file cannot be used: " + why};
        default:
            break;
    }
    return {Code::unavailable, "the connection to " + url + " failed: " + why};
}

}  // namespace

struct HttpClient::State {
    ServerAddress address;
    CURL* handle = nullptr;
    ~State() { curl_easy_cleanup(handle); }
    Result<HttpAnswer> run(const HttpRequest& request, const EachPiece* each, bool& received);
    void prepare(const HttpRequest& request, Transfer& transfer, HeaderList& headers, const std::string& url);
};

void HttpClient::State::prepare(const HttpRequest& request, Transfer& transfer, HeaderList& headers,
                                const std::string& url) {
    curl_easy_reset(handle);
    transfer.handle = handle;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS,
                     1L);  // rows and columns may be called "..", see path_segment()
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.has_body) {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        headers.add("Expect:");
    }
    for (const auto& header : request.headers) headers.add(header);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.list);
    if (!address.credential.empty()) {
        curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(handle, CURLOPT_USERPWD, address.credential.c_str());
    }
    if (is_loopback(address.url)) curl_easy_setopt(handle, CURLOPT_PROXY, "");
    if (!address.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, address.ca_file.c_str());
    if (address.insecure) {
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "nm-tool/" NM_VERSION);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(address.connect_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.silence.count()));
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    if (request.longest.count() > 0)
        curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(request.longest.count()));
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, request.uninterrupted && !request.wanted ? 1L : 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
}

Result<HttpAnswer> HttpClient::State::run(const HttpRequest& request, const EachPiece* each, bool& received) {
    Transfer transfer;
    transfer.request = &request;
    transfer.each = each;
    HeaderList headers;
    const std::string url = address.url + target_of(request);
    prepare(request, transfer, headers, url);
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
    received = transfer.received;
    if (code != CURLE_OK && !transfer.reader_stopped) return transport_error(code, detail, address);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    transfer.answer.status = static_cast<int>(status);
    return std::move(transfer.answer);
}

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
const std::string& HttpClient::url() const {
    return state_->address.url;
}

Result<HttpClient> HttpClient::make(const ServerAddress& address) {
    static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    auto state = std::make_unique<State>();
    state->address = address;
    std::string& url = state->address.url;
    while (!url.empty() && url.back() == '/') url.pop_back();
    const std::size_t host = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
    if (host == 0 || url.size() == host)
        return Error{Code::invalid_argument, address.url_option + " must look like http://HOST:PORT"};
    if (url.find('@', host) != std::string::npos) {
        return Error{
            Code::invalid_argument,
            address.url_option + " must not hold credentials: give them with " + address.credential_option};
    }
    if (url.find_first_of("?# ", host) != std::string::npos) {
        return Error{Code::invalid_argument, address.url_option + " must look like http://HOST:PORT"};
    }
    state->handle = ready ? curl_easy_init() : nullptr;
    if (state->handle == nullptr) return Error{Code::unavailable, "cannot set up HTTP"};
    return HttpClient(std::move(state));
}

Result<HttpAnswer> HttpClient::perform(const HttpRequest& request) {
    bool received = false;
    auto answer = state_->run(request, nullptr, received);
    const bool again =
        !answer.ok() && answer.error().code == Code::unavailable && !received && request.method == "GET";
    return again ? state_->run(request, nullptr, received) : std::move(answer);
}

Result<HttpAnswer> HttpClient::stream(const HttpRequest& request, const EachPiece& each) {
    bool received = false;
    return state_->run(request, &each, received);
}

Result<std::string> HttpClient::fetch(const HttpRequest& request) {
    NM_ASSIGN(HttpAnswer answer, perform(request));
    if (!is_success(answer.status)) return explain(answer, url());
    return std::move(answer.body);
}

Result<void> HttpClient::fetch_stream(const HttpRequest& request, const EachPiece& each) {
    NM_ASSIGN(const HttpAnswer answer, stream(request, each));
    constexpr int kNone = 0;  // `wanted` has stopped it before
    if (answer.status != kNone && !is_success(answer.status)) return explain(answer, url());
    return {};
}

Result<void> HttpClient::fetch_lines(const HttpRequest& request, const EachPiece& each) {
    std::string rest;
    bool stopped = false;
    bool too_long = false;
    const auto split = [&](std::string_view piece) {
        while (!stopped) {
            const auto newline = piece.find('\n');
            if (newline == std::string_view::npos) break;
            rest += piece.substr(0, newline);
            stopped = !rest.empty() && !each(rest);
            rest.clear();
            piece.remove_prefix(newline + 1);
        }
        rest += piece;
        too_long = rest.size() > kMaxStreamedLine;
        stopped = stopped || (request.after_piece && !request.after_piece());
        return !stopped && !too_long;
    };
    NM_TRY(fetch_stream(request, split));
    if (too_long)
        return Error{Code::too_large, "a line of the answer of " + url() + " is longer than 64 MiB"};
    if (!stopped && !rest.empty()) each(rest);
    return {};
}

std::string percent_encode(std::string_view text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    return out;
}

std::string path_segment(std::string_view text) {
    if (text.find_first_not_of('.') != std::string_view::npos) return percent_encode(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) out += "%2E";
    return out;
}

}  // namespace nmstore::tools
