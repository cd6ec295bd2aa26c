// JSON objects that hold nothing difficult, read in one pass.
#include <bit>
#include <cstdint>

#include "ingest/body.h"
#include "ingest/json_object.h"
#include "ingest/json_text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace nmstore::ingest {
namespace {

// Goes through the text as far as that is easy. Reads up to kBodyPadding bytes behind the end of the body.
class FlatReader {
  public:
    explicit FlatReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    const char* at() const { return at_; }
    bool take(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }
    void skip_blanks() {
        while (at_ != end_ && is_json_blank(*at_)) ++at_;
    }
    // A string, without its quotes.
    bool take_text(std::string_view& text) {
        if (!take('"')) return false;
        const char* const begin = at_;
        pass_easy();
        text = {begin, static_cast<std::size_t>(at_ - begin)};
        return take('"');
    }
    // A number or a literal.
    std::string_view take_token() {
        const char* const begin = at_;
        while (at_ != end_ && *at_ != ',' && *at_ != '}' && !is_json_blank(*at_)) ++at_;
        return {begin, static_cast<std::size_t>(at_ - begin)};
    }
    bool at_quote() const { return at_ != end_ && *at_ == '"'; }

  private:
    void pass_easy() {
#if defined(__SSE2__)
        static_assert(kBodyPadding >= 16);
        for (; at_ < end_; at_ += 16) {
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
            // Bytes that are not ASCII are negative.
            const __m128i hard = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                                              _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                           _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
            const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(hard));
            if (found == 0) continue;
            at_ += std::countr_zero(found);
            break;
        }
        if (at_ > end_) at_ = end_;
#else
        const auto is_easy = [](unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; };
        while (at_ != end_ && is_easy(static_cast<unsigned char>(*at_))) ++at_;
#endif
    }

    const char* at_;
    const char* const end_;
};

bool read_member(FlatReader& reader, JsonMember& member) {
    reader.skip_blanks();
    if (!reader.take_text(member.raw_name)) return false;
    member.name = member.raw_name;
    reader.skip_blanks();
    if (!reader.take(':')) return false;
    reader.skip_blanks();
    if (reader.at_quote()) {
        member.kind = JsonMember::Kind::text;
        return reader.take_text(member.raw);
    }
    member.raw = reader.take_token();
    if (is_json_number(member.raw)) {
        member.kind = JsonMember::Kind::number;
        return true;
    }
    member.kind = member.raw == "null" ? JsonMember::Kind::null : JsonMember::Kind::literal;
    return member.raw == "null" || member.raw == "true" || member.raw == "false";
}

}  // namespace

bool JsonObjectReader::read_flat(std::string_view text, std::size_t& size) {
    members_.clear();
    FlatReader reader(text);
    if (!reader.take('{')) return false;
    for (;;) {
        if (!read_member(reader, members_.emplace_back())) return false;
        reader.skip_blanks();
        if (reader.take(',')) continue;
        if (!reader.take('}')) return false;
        size = static_cast<std::size_t>(reader.at() - text.data());
        return true;
    }
}

}  // namespace nmstore::ingest
