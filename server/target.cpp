#include "server/target.h"

#include <algorithm>

#include "ingest/form.h"

namespace nmstore::server {

namespace {

// "http://host:port/path" -> "/path"; what has no scheme stays as it is.
std::string_view without_origin(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.substr(0, scheme.size()) != scheme) continue;
        const std::size_t path = target.find_first_of("/?", scheme.size());
        return path == std::string_view::npos ? "/" : target.substr(path);
    }
    return target;
}

}  // namespace

Result<void> parse_target(std::string_view target, Request& request) {
    request.target = target;
    request.path.clear();
    request.query.clear();
    if (target == "*") return {};
    const bool clean = std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!clean) {
        return Error{Code::invalid_argument,
                     "the request's target holds bytes that must be percent-encoded (controls, blanks, or "
                     "beyond ASCII)"};
    }
    target = without_origin(target);
    if (target.empty() || target.front() != '/') {
        return Error{Code::invalid_argument, "the request's target must begin with '/'"};
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, mark);
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        request.path.push_back(ingest::decode_percent(path.substr(begin, end - begin)));
        begin = end + 1;
    }
    if (mark < target.size()) {
        auto fields = ingest::parse_form(target.substr(mark + 1), kMaxParameters);
        if (!fields.ok()) return Error{Code::invalid_argument, "the query string: " + fields.error().message};
        request.query = std::move(*fields);
    }
    return {};
}

}  // namespace nmstore::server
