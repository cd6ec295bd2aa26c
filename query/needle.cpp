#include "query/needle.h"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "nmstore/words.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

// The bytes of logs, the most frequent first; what is not here is rarer than any of them.
constexpr std::string_view kFrequentBytes =
    " 0e1t2oairn3s45-.6789:dlcp/mu_hfgkb,=[]y()vwxRNIESTDAP\"COLFMBqUzGKH#*WVj@;<>{}";

constexpr std::array<unsigned char, 256> make_rarity() {
    std::array<unsigned char, 256> rarity{};
    for (auto& rank : rarity) rank = 255;
    for (std::size_t i = 0; i < kFrequentBytes.size(); ++i) {
        rarity[static_cast<unsigned char>(kFrequentBytes[i])] = static_cast<unsigned char>(i);
    }
    return rarity;
}
constexpr std::array<unsigned char, 256> kRarity = make_rarity();

constexpr unsigned char fold_bit(char c) {
    return c >= 'a' && c <= 'z' ? 0x20 : 0;
}

enum class Side : std::uint8_t { outside, inside, ask };  // of words; `ask`: not ASCII
constexpr Side side_of(char c) {
    if (static_cast<unsigned char>(c) >= 0x80) return Side::ask;
    const bool inside = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return inside ? Side::inside : Side::outside;
}

bool word_before(std::string_view text, std::size_t at) {
    if (at == 0) return false;
    const Side side = side_of(text[at - 1]);
    return side == Side::ask ? is_word_before(text, at) : side == Side::inside;
}

bool word_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return false;
    const Side side = side_of(text[at]);
    return side == Side::ask ? is_word_at(text, at) : side == Side::inside;
}

// U+0130 and U+212A, whose lower case is 'i' and 'k': the only letters beyond ASCII with one in it.
bool has_odd_capital(std::string_view text) {
    return text.find("\xC4\xB0") != std::string_view::npos ||
           text.find("\xE2\x84\xAA") != std::string_view::npos;
}

}  // namespace

std::string_view Haystack::lower() const {
    if (!lowered_) {
        append_lower(text_, lower_);
        lowered_ = true;
    }
    return lower_;
}

Needle::Needle(std::string_view text, Form form)
    : text_(form.ignore_case ? to_lower(text) : std::string(text)),
      ignore_case_(form.ignore_case),
      ascii_(is_ascii(text_)) {
    border_before_ = form.border_before && is_word_at(text_, 0);
    border_after_ = form.border_after && is_word_before(text_, text_.size());
    has_odd_lower_ = ignore_case_ && text_.find_first_of("ik") != std::string::npos;
    auto rarity = [this](std::size_t i) { return kRarity[static_cast<unsigned char>(text_[i])]; };
    for (std::size_t i = 1; i < text_.size(); ++i) {
        if (rarity(i) > rarity(first_at_)) first_at_ = i;
    }
    second_at_ = first_at_ == 0 ? text_.size() - 1 : 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        if (i != first_at_ && rarity(i) > rarity(second_at_)) second_at_ = i;
    }
    if (ignore_case_) {
        first_fold_ = fold_bit(text_[first_at_]);
        second_fold_ = fold_bit(text_[second_at_]);
    }
}

bool Needle::stands_at(std::string_view text, std::size_t at) const {
    const char* here = text.data() + at;
    if (!ignore_case_) {
        if (std::memcmp(here, text_.data(), text_.size()) != 0) return false;
    } else {
        for (std::size_t i = 0; i < text_.size(); ++i) {
            char c = here[i];
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
            if (c != text_[i]) return false;
        }
    }
    if (border_before_ && word_before(text, at)) return false;
    return !border_after_ || !word_at(text, at + text_.size());
}

std::size_t Needle::find(std::string_view text, std::size_t from) const {
    if (text.size() < text_.size() || from > text.size() - text_.size()) return kNone;
    std::size_t at = from;
    const std::size_t last = text.size() - text_.size();  // the last place where it may begin
#if defined(__SSE2__)
    constexpr std::size_t width = 16;
    if (last - from >= width - 1) {
        const __m128i first = _mm_set1_epi8(text_[first_at_]);
        const __m128i second = _mm_set1_epi8(text_[second_at_]);
        const __m128i first_fold = _mm_set1_epi8(static_cast<char>(first_fold_));
        const __m128i second_fold = _mm_set1_epi8(static_cast<char>(second_fold_));
        auto load = [&](std::size_t i) {
            return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
        };
        for (;;) {
            const __m128i is_first = _mm_cmpeq_epi8(_mm_or_si128(load(at + first_at_), first_fold), first);
            const __m128i is_second =
                _mm_cmpeq_epi8(_mm_or_si128(load(at + second_at_), second_fold), second);
            auto places = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(is_first, is_second)));
            for (; places != 0; places &= places - 1) {
                const std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(places));
                if (stands_at(text, place)) return place;
            }
            if (at + width > last) return kNone;
            at += width;
            if (at > last - (width - 1)) at = last - (width - 1);  // the last 16 places overlap those before
        }
    }
#endif
    for (; at <= last; ++at) {
        const auto first = static_cast<unsigned char>(text[at + first_at_]);
        if ((first | first_fold_) == static_cast<unsigned char>(text_[first_at_]) && stands_at(text, at))
            return at;
    }
    return kNone;
}

bool Needle::is_in(const Haystack& haystack) const {
    const std::string_view text = haystack.text();
    if (!ignore_case_) return find(text) != kNone;
    if (ascii_) {
        if (find(text) != kNone) return true;
        return has_odd_lower_ && !is_ascii(text) && has_odd_capital(text) && find(haystack.lower()) != kNone;
    }
    return !is_ascii(text) && find(haystack.lower()) != kNone;
}

}  // namespace nmstore::query
