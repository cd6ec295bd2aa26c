// Numbers and texts packed one behind the other, as records of changes and of the journal have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nmstore::packed {

// Numbers of 7 bits a byte, the lowest first; signed ones with their sign in the lowest bit.
inline void append(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(0x80 | (number & 0x7f)));
    out.push_back(static_cast<char>(number));
}
inline void append_signed(std::string& out, std::int64_t number) {
    append(out, (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63));
}
inline void append_text(std::string& out, std::string_view text) {
    append(out, text.size());
    out += text;
}

// Reads from the front; once something is missing all it gives is 0, and ok() is false.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() {
        std::uint64_t out = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return out;
        }
        ok_ = false;
        bytes_ = {};
        return 0;
    }
    std::int64_t signed_number() {
        const std::uint64_t folded = number();
        return static_cast<std::int64_t>((folded >> 1) ^ (~(folded & 1) + 1));
    }
    // Of things that take a byte each at least, so that nothing is made room for that cannot be there.
    std::size_t count() {
        const std::uint64_t count = number();
        if (count <= bytes_.size()) return static_cast<std::size_t>(count);
        ok_ = false;
        bytes_ = {};
        return 0;
    }
    std::string_view text() {
        const std::size_t size = count();
        const std::string_view out = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return out;
    }
    unsigned char byte() {
        if (bytes_.empty()) {
            ok_ = false;
            return 0;
        }
        const auto out = static_cast<unsigned char>(bytes_.front());
        bytes_.remove_prefix(1);
        return out;
    }
    std::size_t left() const { return bytes_.size(); }
    bool ok() const { return ok_; }
    bool at_end() const { return bytes_.empty(); }

  private:
    std::string_view bytes_;
    bool ok_ = true;
};

}  // namespace nmstore::packed
