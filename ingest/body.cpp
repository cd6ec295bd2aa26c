#include "ingest/body.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "nmstore/value_type.h"

namespace nmstore::ingest {
namespace {

constexpr std::size_t kFirstGuess = std::size_t{64} << 10;
constexpr std::size_t kMaxInflateStep = std::size_t{1} << 30;  // zlib counts in 32 bits
constexpr int kMaxZstdWindowLog = 26;  // a frame may make its reader hold 64 MiB, not what it likes

Error over_limit(std::size_t limit_bytes) {
    return {Code::too_large,
            "cannot decode the body: it unpacks to more than " + std::to_string(limit_bytes) + " bytes"};
}
Error broken(std::string_view encoding, std::string_view why) {
    return {Code::invalid_argument,
            "cannot decode the body as " + std::string(encoding) + ": " + std::string(why)};
}

// The decoded bytes, growing up to the limit. One byte more is asked for, so that a body of exactly the limit
// is told apart from a greater one.
class Output {
  public:
    Output(std::size_t compressed_bytes, std::size_t limit_bytes) : limit_(limit_bytes) {
        text_.resize(std::min(std::max(compressed_bytes * 4, kFirstGuess), limit_ + 1));
    }

    char* free_begin() { return text_.data() + used_; }
    std::size_t free_bytes() const { return text_.size() - used_; }
    // false: over the limit.
    bool advance(std::size_t bytes) {
        used_ += bytes;
        if (used_ > limit_) return false;
        if (used_ == text_.size()) text_.resize(std::min(text_.size() * 2, limit_ + 1));
        return true;
    }
    std::string take() {
        text_.resize(used_);
        pad_body(text_);
        std::string taken;
        taken.swap(text_);
        return taken;
    }

  private:
    std::string text_;
    std::size_t used_ = 0;
    std::size_t limit_;
};

Result<std::string> decode_gzip(std::string_view body, std::size_t limit_bytes) {
    z_stream stream{};
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream, MAX_WBITS + kGzipOnly) != Z_OK) return broken("gzip", "no memory");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
    Output output(body.size(), limit_bytes);
    std::size_t read = 0;
    bool member_ended = false;
    while (true) {
        const std::size_t in = std::min(body.size() - read, kMaxInflateStep);
        const std::size_t out = std::min(output.free_bytes(), kMaxInflateStep);
        // zlib does not write through it, its interface is older than const.
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data() + read));
        stream.avail_in = static_cast<uInt>(in);
        stream.next_out = reinterpret_cast<Bytef*>(output.free_begin());
        stream.avail_out = static_cast<uInt>(out);
        const int status = inflate(&stream, Z_NO_FLUSH);
        read += in - stream.avail_in;
        const std::size_t written = out - stream.avail_out;
        if (!output.advance(written)) return over_limit(limit_bytes);
        member_ended = status == Z_STREAM_END;
        if (member_ended) {
            if (read == body.size()) return output.take();
            if (inflateReset(&stream) != Z_OK) return broken("gzip", "no memory");
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return broken("gzip", stream.msg != nullptr ? stream.msg : "bad data");
        } else if (read == body.size() && written == 0) {
            return broken("gzip", "it ends too early");
        }
    }
}

Result<std::string> decode_zstd(std::string_view body, std::size_t limit_bytes) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    if (context == nullptr) return broken("zstd", "no memory");
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
    Output output(body.size(), limit_bytes);
    ZSTD_inBuffer in{body.data(), body.size(), 0};
    while (true) {
        ZSTD_outBuffer out{output.free_begin(), output.free_bytes(), 0};
        const std::size_t wanted = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(wanted) != 0) return broken("zstd", ZSTD_getErrorName(wanted));
        if (!output.advance(out.pos)) return over_limit(limit_bytes);
        if (in.pos < in.size) continue;
        if (wanted == 0) return output.take();
        if (out.pos == 0) return broken("zstd", "it ends too early");
    }
}

}  // namespace

Result<ContentEncoding> parse_content_encoding(std::string_view header) {
    std::string name(header);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    const std::size_t begin = name.find_first_not_of(" \t");
    name = begin == std::string::npos ? "" : name.substr(begin, name.find_last_not_of(" \t") + 1 - begin);
    if (name.empty() || name == "identity") return ContentEncoding::identity;
    if (name == "gzip" || name == "x-gzip") return ContentEncoding::gzip;
    if (name == "zstd") return ContentEncoding::zstd;
    return Error{Code::unsupported, "cannot decode a body with Content-Encoding " + printable(header) +
                                        ": identity, gzip and zstd are known"};
}

Result<std::string> decode_body(std::string_view body, ContentEncoding encoding, std::size_t limit_bytes) {
    switch (encoding) {
        case ContentEncoding::gzip:
            return decode_gzip(body, limit_bytes);
        case ContentEncoding::zstd:
            return decode_zstd(body, limit_bytes);
        case ContentEncoding::identity:
            break;
    }
    if (body.size() > limit_bytes) return over_limit(limit_bytes);
    std::string copy;
    copy.reserve(body.size() + kBodyPadding);
    copy = body;
    return copy;
}

}  // namespace nmstore::ingest
