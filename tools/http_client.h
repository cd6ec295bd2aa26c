// HTTP to nm-stored, through libcurl: timeouts, streamed answers, and errors that a person can act upon.
// Credentials never appear in an error.
//
// A client belongs to one thread; it keeps its connection open between requests.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::tools {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string path = {};       // "/api/v1/search"
    Parameters parameters = {};  // not encoded; those with an empty value are left out
    std::vector<std::string> headers = {};
    std::string_view body = {};  // must outlive the call
    bool has_body = false;
    // Ends the request when not a byte has come for so long; work on the server (compaction …) reports now
    // and then.
    std::chrono::seconds silence{300};
    std::chrono::seconds longest{0};  // of the whole request; 0: no limit
    bool uninterrupted = false;       // an interruption lets it run to its end
    // Of a streamed answer that stays open, each may be none. `began`: the head of a 2xx answer is here.
    // `after_piece`: all lines of what came at once were handed over; false: stop reading. `wanted`: asked
    // now and then while nothing comes; false: stop reading.
    std::function<void()> began = {};
    std::function<bool()> after_piece = {};
    std::function<bool()> wanted = {};
};

struct HttpAnswer {
    int status = 0;
    std::string body;
    std::string retry_after;  // header, "" if there was none
};

struct ServerAddress {
    std::string url;         // "http://127.0.0.1:8001"
    std::string credential;  // "TOKEN:ACCOUNT" or ""
    std::chrono::seconds connect_timeout{10};
    std::string
        ca_file{};  // PEM: what an https server's certificate is checked with; "": what the system trusts
    bool insecure = false;  // not checked at all
    // Which options named them: for errors.
    std::string url_option{"--url"};
    std::string credential_option{"NM_TOKEN or --token-file"};
};

// true: go on; false: stop reading (the connection is closed, so that the server stops working).
using EachPiece = std::function<bool(std::string_view)>;

class HttpClient {
  public:
    // invalid_argument: not an http(s) URL, or one that carries credentials. A path in it is put before each
    // request's.
    static Result<HttpClient> make(const ServerAddress& address);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    // Any answer, whatever its status. unavailable: no connection, or it broke; deadline_exceeded: a timeout;
    // cancelled: interrupted(); conflict: a certificate that is not trusted; unsupported: it speaks something
    // else. A GET that met a connection that had just been closed is tried once more.
    Result<HttpAnswer> perform(const HttpRequest& request);
    // Hands over the body of a 2xx answer piece by piece; other answers are returned with their body.
    Result<HttpAnswer> stream(const HttpRequest& request, const EachPiece& each);
    // As perform() and stream(), but an answer other than 2xx is the Error that explain() makes of it.
    Result<std::string> fetch(const HttpRequest& request);
    Result<void> fetch_stream(const HttpRequest& request, const EachPiece& each);
    // As fetch_stream(), a whole line (without its newline) at a time.
    Result<void> fetch_lines(const HttpRequest& request, const EachPiece& each);

    const std::string& url() const;

  private:
    struct State;
    explicit HttpClient(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// What an answer other than 2xx says, for a person. unavailable: it may be another at the next try.
Error explain(const HttpAnswer& answer, const std::string& url);

// %XX for everything but letters, digits and "-._~".
std::string percent_encode(std::string_view text);
// The same for one segment of a path: one of nothing but dots would name another place.
std::string path_segment(std::string_view text);

}  // namespace nmstore::tools
