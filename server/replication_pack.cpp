#include "server/replication_pack.h"

#include <zstd.h>

#include <memory>

#include "ingest/body.h"

namespace nmstore::server {
namespace {

constexpr int kLevel = 1;  // what is large in records is compressed already

void append_varint(std::uint64_t number, std::string& out) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
    out += static_cast<char>(number);
}

bool take_varint(std::string_view& text, std::uint64_t& number) {
    number = 0;
    for (unsigned shift = 0; shift < 64 && !text.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(text.front());
        text.remove_prefix(1);
        number |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) return shift < 63 || byte <= 1;
    }
    return false;
}

}  // namespace

std::string pack_records(const std::vector<JournalRecord>& records) {
    std::string plain;
    for (const JournalRecord& record : records) {
        append_varint(record.number, plain);
        append_varint(record.bytes.size(), plain);
        plain += record.bytes;
    }
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    NM_CHECK(context != nullptr);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), plain.size());
    NM_CHECK(ZSTD_isError(size) == 0);
    packed.resize(size);
    return packed;
}

Result<std::string> unpack_records(std::string_view packed, std::size_t max_bytes) {
    if (packed.empty()) return Error{Code::invalid_argument, "the body is empty: expected a frame of zstd"};
    return ingest::decode_body(packed, ingest::ContentEncoding::zstd, max_bytes);
}

Result<std::vector<JournalRecordView>> split_records(std::string_view unpacked) {
    std::vector<JournalRecordView> records;
    while (!unpacked.empty()) {
        JournalRecordView record;
        std::uint64_t size = 0;
        if (!take_varint(unpacked, record.number) || !take_varint(unpacked, size) || size > unpacked.size())
            return Error{Code::invalid_argument,
                         "record " + std::to_string(records.size() + 1) + " of the body is cut off"};
        if (!records.empty() && record.number <= records.back().number)
            return Error{Code::invalid_argument,
                         "record " + std::to_string(record.number) + " is not in order"};
        record.bytes = unpacked.substr(0, size);
        unpacked.remove_prefix(size);
        records.push_back(record);
    }
    return records;
}

}  // namespace nmstore::server
