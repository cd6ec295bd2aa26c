// Packed bodies: nothing unpacks to more than the limit; what was packed comes back.
#include "ingest/body.h"

#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <string>

namespace {

std::string gzip(const std::string& text) {
    z_stream stream{};
    NM_CHECK(deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    NM_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::ingest;
    constexpr std::size_t kLimit = 10'000;
    const std::string text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(parse_content_encoding(text));
    for (const auto encoding : {ContentEncoding::gzip, ContentEncoding::zstd}) {
        const auto decoded = decode_body(text, encoding, kLimit);
        if (decoded.ok())
            NM_CHECK(decoded->size() <= kLimit && decoded->capacity() >= decoded->size() + kBodyPadding);

        std::string packed = encoding == ContentEncoding::gzip ? gzip(text) : zstd(text);
        const auto again = decode_body(packed, encoding, size);
        NM_CHECK(again.ok() && *again == text);
        if (size > 0)
            NM_CHECK(decode_body(packed, encoding, size - 1).error().code == nmstore::Code::too_large);
        // Damaged in one place: an error or another text, but no more than the limit.
        if (size > 0) {
            packed[data[0] % packed.size()] = static_cast<char>(data[size - 1]);
            const auto damaged = decode_body(packed, encoding, kLimit);
            if (damaged.ok()) NM_CHECK(damaged->size() <= kLimit);
        }
    }
    return 0;
}
