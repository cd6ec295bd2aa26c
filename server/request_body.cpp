#include "server/request_body.h"

#include "ingest/body.h"

namespace nmstore::server {

Result<void> decode_content(Request& request, std::size_t limit_bytes) {
    const auto header = request.header("content-encoding");
    if (header) {
        NM_ASSIGN(const ingest::ContentEncoding encoding, ingest::parse_content_encoding(*header));
        if (encoding != ingest::ContentEncoding::identity) {
            NM_ASSIGN(request.body, ingest::decode_body(request.body, encoding, limit_bytes));
            return {};
        }
    }
    ingest::pad_body(request.body);
    return {};
}

void release_body(Request& request) {
    std::string().swap(request.body);
}

}  // namespace nmstore::server
