// Numbers as a short text that callers hand back unread: what a line's id and a page's cursor are made of.
// base64url without padding (RFC 4648, section 5) over variable-length numbers, so it needs no escaping in
// an URL. A text reads back only in the one form in which it was written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nmstore::query {

class OpaqueWriter {
  public:
    void number(std::uint64_t value);        // 1 byte below 128, at most 10
    void signed_number(std::int64_t value);  // small amounts of either sign are short
    void fixed(std::uint64_t value);         // 8 bytes
    std::string text() const;

  private:
    std::string bytes_;
};

// Reads in the order in which it was written. What cannot be read makes the reader bad for good.
class OpaqueReader {
  public:
    explicit OpaqueReader(std::string_view text);
    std::uint64_t number();
    std::int64_t signed_number();
    std::uint64_t fixed();
    // Whether everything so far could be read and nothing is left.
    bool complete() const { return good_ && position_ == bytes_.size(); }
    bool good() const { return good_; }

  private:
    std::uint8_t byte();

    std::string bytes_;
    std::size_t position_ = 0;
    bool good_ = true;
};

// 64 bits of a text that stay the same for ever and everywhere (FNV-1a); no defence against malice.
std::uint64_t fingerprint(std::string_view text);

}  // namespace nmstore::query
