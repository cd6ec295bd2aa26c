#include "tools/ship_batch.h"

#include <zlib.h>
#include <zstd.h>

#include "query/time_text.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

constexpr int kZstdLevel = 3;
constexpr int kGzipWindowBits = 15 + 16;  // the greatest window, and gzip's header

Result<std::string> pack_zstd(std::string_view body) {
    std::string packed(ZSTD_compressBound(body.size()), '\0');
    const std::size_t size =
        ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), kZstdLevel);
    if (ZSTD_isError(size) != 0)
        return Error{Code::io, std::string("cannot compress a batch: ") + ZSTD_getErrorName(size)};
    packed.resize(size);
    return packed;
}

Result<std::string> pack_gzip(std::string_view body) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        return Error{Code::io, "cannot compress a batch"};
    }
    std::string packed(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
    std::string input(body);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int ended = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END) return Error{Code::io, "cannot compress a batch"};
    return packed;
}

}  // namespace

bool ShipBatch::add(std::string_view log, std::string_view text, std::optional<std::int64_t> time_ms) {
    if (lines_ > 0 && (lines_ >= limits_.lines || bytes_ + text.size() > limits_.bytes)) return false;
    body_ += '{';
    if (time_ms) body_ += "\"_time\":\"" + query::format_time(*time_ms) + "\",";
    body_ += "\"log\":";
    append_json_string(log, body_);
    body_ += ",\"_msg\":";
    append_json_string(text, body_);
    body_ += "}\n";
    ++lines_;
    bytes_ += text.size() + 1;
    return true;
}

void ShipBatch::clear() {
    body_.clear();
    lines_ = 0;
    bytes_ = 0;
}

std::string_view packing_name(Packing packing) {
    switch (packing) {
        case Packing::gzip:
            return "gzip";
        case Packing::zstd:
            return "zstd";
        case Packing::none:
            break;
    }
    return "";
}

std::optional<Packing> parse_packing(std::string_view name) {
    if (name == "none") return Packing::none;
    if (name == "gzip") return Packing::gzip;
    if (name == "zstd") return Packing::zstd;
    return std::nullopt;
}

Result<std::string> pack(std::string_view body, Packing packing) {
    if (packing == Packing::zstd) return pack_zstd(body);
    if (packing == Packing::gzip) return pack_gzip(body);
    return std::string(body);
}

}  // namespace nmstore::tools
