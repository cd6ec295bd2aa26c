// How an agent wrote a text into a value: escape() passes around it, a JSON string, escape() passes inside of
// that. Each character is written by itself, so that a style is a table.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace nmstore {

// The bits of a style, as docs/block-format.md has them.
namespace style {
inline constexpr std::uint32_t kOuterShift = 0;    // 2 bits: passes over the whole value
inline constexpr std::uint32_t kInnerShift = 2;    // 2 bits: passes over the text in its JSON string
inline constexpr std::uint32_t kAllowedShift = 4;  // 2 bits: which characters a pass leaves alone
inline constexpr std::uint32_t kSmallHex = 1u << 6;
inline constexpr std::uint32_t kKeepBytes = 1u << 7;  // passes leave bytes that are not ASCII alone
inline constexpr std::uint32_t kJson = 1u << 8;
inline constexpr std::uint32_t kJsonSlash = 1u << 9;
inline constexpr std::uint32_t kJsonAscii = 1u << 10;
inline constexpr std::uint32_t kJsonCapitalHex = 1u << 11;
inline constexpr std::uint32_t kJsonLongControls = 1u << 12;
inline constexpr std::uint32_t kEnd = 1u << 13;
inline constexpr std::uint32_t kMaxPasses = 2;
inline constexpr std::uint32_t kAllowedSets = 3;

inline std::uint32_t outer(std::uint32_t bits) {
    return bits >> kOuterShift & 3;
}
inline std::uint32_t inner(std::uint32_t bits) {
    return bits >> kInnerShift & 3;
}
// Whether these bits are a style's.
inline bool is_valid(std::uint32_t bits) {
    return bits < kEnd && outer(bits) <= kMaxPasses && inner(bits) <= kMaxPasses &&
           (bits >> kAllowedShift & 3) < kAllowedSets;
}
}  // namespace style

// Immutable once made: any thread.
class CellStyle {
  public:
    explicit CellStyle(std::uint32_t bits);  // that are valid

    std::uint32_t bits() const { return bits_; }
    // As the text within the value.
    void append(std::string_view text, std::string& out) const;
    // Only with the outer passes: as what stands around the text.
    void append_around(std::string_view text, std::string& out) const;

  private:
    struct Written {
        std::array<char, 15> bytes{};
        std::uint8_t size = 0;
    };
    void write(std::string_view character, std::string& out) const;
    void pass(std::string& text) const;
    void pass_all(std::uint32_t passes, std::string& text) const;
    void write_json(std::string_view character, std::string& out) const;

    const std::uint32_t bits_;
    std::array<Written, 128> ascii_;
};

}  // namespace nmstore
