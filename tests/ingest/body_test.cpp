#include "ingest/body.h"

#include <zlib.h>
#include <zstd.h>

#include <string>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::ingest;

namespace {

std::string gzip(const std::string& text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1);
    REQUIRE(ZSTD_isError(size) == 0);
    out.resize(size);
    return out;
}

std::string packed(ContentEncoding encoding, const std::string& text) {
    if (encoding == ContentEncoding::gzip) return gzip(text);
    return encoding == ContentEncoding::zstd ? zstd(text) : text;
}

std::string sample(std::size_t bytes) {
    std::string text;
    for (unsigned i = 0; text.size() < bytes; ++i) text += "line " + std::to_string(i * 2654435761u) + "\n";
    text.resize(bytes);
    return text;
}

}  // namespace

TEST_CASE("content encodings are known by name") {
    CHECK(*parse_content_encoding("") == ContentEncoding::identity);
    CHECK(*parse_content_encoding("Identity") == ContentEncoding::identity);
    CHECK(*parse_content_encoding(" GZip ") == ContentEncoding::gzip);
    CHECK(*parse_content_encoding("x-gzip") == ContentEncoding::gzip);
    CHECK(*parse_content_encoding("zstd") == ContentEncoding::zstd);
    for (const std::string header : {"br", "deflate", "gzip, zstd", "zstd;q=1", "gz\xff"}) {
        const auto parsed = parse_content_encoding(header);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().code == Code::unsupported);
    }
}

TEST_CASE("bodies come back as they were, with room behind them") {
    for (const auto encoding : {ContentEncoding::identity, ContentEncoding::gzip, ContentEncoding::zstd}) {
        for (const std::size_t bytes : {0u, 1u, 100u, 65535u, 65536u, 65537u, 3000000u}) {
            CAPTURE(static_cast<int>(encoding), bytes);
            const std::string text = sample(bytes);
            const auto decoded = decode_body(packed(encoding, text), encoding, 4'000'000);
            REQUIRE(decoded.ok());
            CHECK(*decoded == text);
            CHECK(decoded->capacity() >= decoded->size() + kBodyPadding);
        }
    }
}

TEST_CASE("several members or frames are one body") {
    CHECK(*decode_body(gzip("one") + gzip("") + gzip("two"), ContentEncoding::gzip, 100) == "onetwo");
    CHECK(*decode_body(zstd("one") + zstd("") + zstd("two"), ContentEncoding::zstd, 100) == "onetwo");
}

TEST_CASE("a body over the limit is refused, one of the limit is taken") {
    const std::string text = sample(200'000);
    const std::string bomb(64 << 20, '\0');
    for (const auto encoding : {ContentEncoding::identity, ContentEncoding::gzip, ContentEncoding::zstd}) {
        CAPTURE(static_cast<int>(encoding));
        CHECK(decode_body(packed(encoding, text), encoding, text.size()).ok());
        for (const auto& body : {packed(encoding, text), packed(encoding, bomb)}) {
            const auto decoded = decode_body(body, encoding, text.size() - 1);
            REQUIRE_FALSE(decoded.ok());
            CHECK(decoded.error().code == Code::too_large);
        }
    }
}

TEST_CASE("broken and truncated bodies are refused") {
    for (const auto encoding : {ContentEncoding::gzip, ContentEncoding::zstd}) {
        const std::string good = packed(encoding, sample(100'000));
        std::string flipped = good;
        flipped[good.size() / 2] ^= 0x40;
        const std::string bodies[] = {
            "",
            "x",
            "plain text that was never packed",
            good.substr(0, 1),
            good.substr(0, good.size() / 2),
            good.substr(0, good.size() - 1),
            good + "x",
            good + good.substr(0, 20),
            flipped,
        };
        for (const auto& body : bodies) {
            CAPTURE(static_cast<int>(encoding), body.size());
            // zstd writes no checksum unless asked to: a flipped bit may go unseen there.
            if (&body == &bodies[8] && encoding == ContentEncoding::zstd) continue;
            // No frame at all is an empty body.
            if (body.empty() && encoding == ContentEncoding::zstd) continue;
            const auto decoded = decode_body(body, encoding, 1 << 20);
            REQUIRE_FALSE(decoded.ok());
            CHECK(decoded.error().code == Code::invalid_argument);
        }
    }
}
