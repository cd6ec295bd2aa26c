#include "engine/block/section.h"

#include <zstd.h>

#include <memory>

#include "engine/block/stream.h"

namespace nmstore::block {
namespace {

constexpr std::string_view kMagic = "NMB2";
constexpr std::size_t kMaxSections = kFirstGroup + kMaxBlockLines;

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// One for each thread: making one costs more than compressing a section.
ZSTD_CCtx* compressor() {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
    return context.get();
}

struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* decompressor() {
    thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
    return context.get();
}

}  // namespace

Result<std::string> compress_section(std::string_view raw, int level) {
    if (raw.empty()) return std::string();
    if (raw.size() > kMaxSectionBytes) {
        return Error{Code::too_large, "cannot make a block: a section of " + std::to_string(raw.size()) +
                                          " bytes is over " + std::to_string(kMaxSectionBytes)};
    }
    ZSTD_CCtx* const context = compressor();
    std::string stored(ZSTD_compressBound(raw.size()), '\0');
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    const std::size_t size = ZSTD_compress2(context, stored.data(), stored.size(), raw.data(), raw.size());
    if (ZSTD_isError(size) != 0)
        return Error{Code::io, std::string("cannot compress a block: ") + ZSTD_getErrorName(size)};
    stored.resize(size);
    return stored;
}

Result<std::vector<std::string>> compress_sections(const std::vector<std::string>& sections, int level) {
    std::vector<std::string> stored;
    for (const std::string& section : sections) {
        NM_ASSIGN(std::string compressed, compress_section(section, level));
        stored.push_back(std::move(compressed));
    }
    return stored;
}

Result<std::size_t> raw_size_of_section(std::string_view stored) {
    if (stored.empty()) return std::size_t{0};
    // A frame that tells too great a size would be found out only after making room for it.
    const unsigned long long raw_size = ZSTD_getFrameContentSize(stored.data(), stored.size());
    if (raw_size > kMaxSectionBytes) return corrupt("a section has an impossible size");
    return static_cast<std::size_t>(raw_size);
}

Result<std::string> decompress_section(std::string_view stored) {
    NM_ASSIGN(const std::size_t raw_size, raw_size_of_section(stored));
    if (stored.empty()) return std::string();
    std::string raw(raw_size, '\0');
    const std::size_t size =
        ZSTD_decompressDCtx(decompressor(), raw.data(), raw.size(), stored.data(), stored.size());
    if (ZSTD_isError(size) != 0 || size != raw.size()) return corrupt("a section is damaged");
    return raw;
}

Result<std::string> write_sections(const std::vector<std::string>& sections, int level) {
    NM_ASSIGN(const std::vector<std::string> stored, compress_sections(sections, level));
    std::string head(kMagic);
    put_varint(head, sections.size());
    for (std::size_t i = 0; i < sections.size(); ++i) {
        put_varint(head, stored[i].size());
        put_varint(head, sections[i].size());
    }
    for (const std::string& section : stored) head += section;
    return head;
}

Result<SectionReader> SectionReader::open(std::string_view block) {
    if (!block.starts_with(kMagic)) return corrupt("it does not begin as one");
    Reader reader(block.substr(kMagic.size()));
    const std::size_t count = reader.size(kMaxSections);
    std::vector<std::size_t> sizes;
    SectionReader sections;
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        sizes.push_back(reader.size(block.size()));
        sections.sections_.push_back({{}, reader.size(kMaxSectionBytes)});
    }
    for (std::size_t i = 0; i < sizes.size() && !reader.failed(); ++i)
        sections.sections_[i].stored = reader.bytes(sizes[i]);
    if (reader.failed() || !reader.at_end() || count < kFirstGroup)
        return corrupt("its sections do not add up");
    return sections;
}

Result<std::string> SectionReader::read(std::size_t section) {
    if (section >= sections_.size()) return corrupt("a section is missing");
    const Section& found = sections_[section];
    if (found.raw_size == 0 && found.stored.empty()) return std::string();
    NM_ASSIGN(std::string raw, decompress_section(found.stored));
    if (raw.size() != found.raw_size) return corrupt("a section has another size");
    return raw;
}

}  // namespace nmstore::block
