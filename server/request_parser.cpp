#include "server/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>

#include "server/target.h"
#include "server/wire_format.h"

namespace nmstore::server {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// A Beast body that appends to a string of ours, which has been given its room before.
struct AppendedBody {
    struct value_type {
        std::string* to = nullptr;
        std::size_t limit = 0;
    };
    class reader {
      public:
        template <bool isRequest, class Fields>
        reader(http::header<isRequest, Fields>&, value_type& value) : value_(value) {}
        void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, error_code& error) {
            error = {};
            std::size_t total = 0;
            for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
                if (value_.limit - value_.to->size() < piece.size()) {
                    error = http::error::body_limit;
                    return total;
                }
                value_.to->append(static_cast<const char*>(piece.data()), piece.size());
                total += piece.size();
            }
            return total;
        }
        void finish(error_code& error) { error = {}; }

      private:
        value_type& value_;
    };
};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

RequestParser::Fault fault_of(const error_code& error) {
    if (error == http::error::header_limit) return RequestParser::Fault::header_too_large;
    if (error == http::error::body_limit) return RequestParser::Fault::body_too_large;
    if (error == http::error::bad_version) return RequestParser::Fault::bad_version;
    return RequestParser::Fault::malformed;
}

RequestParser::Step faulty(RequestParser::Fault fault, std::string why) {
    RequestParser::Step step;
    step.fault = fault;
    step.why = std::move(why);
    return step;
}

}  // namespace

struct RequestParser::Beast {
    http::request_parser<AppendedBody> parser;
};

RequestParser::RequestParser(std::size_t max_header, std::size_t max_body)
    : max_header_(max_header), beast_(std::make_unique<Beast>()) {
    beast_->parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(max_header, UINT32_MAX)));
    beast_->parser.body_limit(
        boost::none);  // declared lengths are judged by the session, chunks by AppendedBody
    beast_->parser.get().body().limit = max_body;
}

RequestParser::~RequestParser() = default;

RequestParser::Step RequestParser::feed_header(std::string_view input) {
    Step step;
    if (!begun_) {
        // Line ends before a request are passed over, as what some clients leave behind a body.
        step.used = std::min(input.find_first_not_of("\r\n"), input.size());
        if (!may_begin_request(input.substr(step.used)))
            return faulty(Fault::malformed, "this is no HTTP request");
    }
    while (!header_done() && step.used < input.size()) {
        const std::string_view rest = input.substr(step.used);
        error_code error;
        const std::size_t used = beast_->parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
        step.used += used;
        begun_ = begun_ || used > 0;  // Beast takes nothing before it has a whole line
        if (error && error != http::error::need_more) {
            return faulty(fault_of(error), "the request cannot be read: " + error.message());
        }
        if (error == http::error::need_more || used == 0) break;
    }
    step.need_more = !header_done();
    if (step.need_more && input.size() - step.used >= max_header_) {
        return faulty(Fault::header_too_large, "the request's headers are over the limit");
    }
    return step;
}

bool RequestParser::header_done() const {
    return beast_->parser.is_header_done();
}

RequestParser::Step RequestParser::take_header(Request& request) const {
    const auto& message = beast_->parser.get();
    request.method = parse_method(view(message.method_string()));
    request.target = std::string(view(message.target()));
    request.headers.clear();
    std::size_t lengths = 0;
    std::size_t codings = 0;
    for (const auto& field : message) {
        request.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
        lengths += field.name() == http::field::content_length ? 1 : 0;
        codings += field.name() == http::field::transfer_encoding ? 1 : 0;
    }
    if (message.version() != 10 && message.version() != 11) {
        return faulty(Fault::bad_version, "HTTP/1.0 and HTTP/1.1 are spoken here");
    }
    const std::string_view length = view(message[http::field::content_length]);
    if (length.find_first_not_of("0123456789") != std::string_view::npos) {
        return faulty(Fault::malformed, "Content-Length is not a number");  // Beast also takes "1, 1"
    }
    // Two readers that disagree on where a request ends could be made to see two different ones.
    if (lengths > 1) return faulty(Fault::malformed, "Content-Length stands more than once");
    if (lengths > 0 && codings > 0)
        return faulty(Fault::malformed, "both Content-Length and Transfer-Encoding");
    if (codings > 0 && message.version() == 10)
        return faulty(Fault::malformed, "HTTP/1.0 has no Transfer-Encoding");
    if (codings > 0 && (codings > 1 || lower(view(message[http::field::transfer_encoding])) != "chunked")) {
        return faulty(Fault::unsupported_coding, "the only Transfer-Encoding that is known is chunked");
    }
    const auto parsed = parse_target(std::string(request.target), request);
    if (!parsed.ok()) return faulty(Fault::malformed, parsed.error().message);
    return {};
}

bool RequestParser::keep_alive() const {
    return beast_->parser.keep_alive();
}
bool RequestParser::is_http_1_0() const {
    return beast_->parser.get().version() == 10;
}
bool RequestParser::chunked() const {
    return beast_->parser.chunked();
}
bool RequestParser::body_done() const {
    return beast_->parser.is_done();
}

bool RequestParser::expects_continue() const {
    return !is_http_1_0() && lower(view(beast_->parser.get()[http::field::expect])) == "100-continue";
}

std::uint64_t RequestParser::content_length() const {
    const auto length = beast_->parser.content_length();
    return length ? *length : 0;
}

RequestParser::Step RequestParser::feed_chunked(std::string_view input, std::string& body) {
    beast_->parser.get().body().to = &body;
    Step step;
    while (!body_done() && step.used < input.size()) {
        const std::string_view rest = input.substr(step.used);
        error_code error;
        const std::size_t used = beast_->parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
        step.used += used;
        if (error && error != http::error::need_more) {
            return faulty(fault_of(error), "the chunked body cannot be read: " + error.message());
        }
        if (error == http::error::need_more || used == 0) break;
    }
    step.need_more = !body_done();
    // Chunk extensions and trailers are read whole; nobody needs long ones.
    if (step.need_more && input.size() - step.used >= max_header_) {
        return faulty(Fault::malformed, "a chunk's extension or the trailers are too long");
    }
    return step;
}

}  // namespace nmstore::server
