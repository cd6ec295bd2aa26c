#include "engine/postings/page.h"

#include <bit>

#include "engine/postings/bit_stream.h"

namespace nmstore::postings {
namespace {

unsigned gamma_bits(std::uint64_t number) {
    return 2 * static_cast<unsigned>(std::bit_width(number)) - 1;
}

void write_places(BitWriter& out, const Segment& segment, const std::vector<std::uint32_t>& places) {
    if (places.size() == 1) {
        out.put(0, 1);
        return out.put(places.front(), segment.place_bits());
    }
    std::size_t list_bits = gamma_bits(places.size() - 1) + segment.place_bits();
    for (std::size_t i = 1; i < places.size(); ++i) list_bits += gamma_bits(places[i] - places[i - 1]);
    out.put(1, 1);
    if (list_bits > segment.blocks.size()) {
        out.put(1, 1);
        std::size_t next = 0;
        for (std::size_t place = 0; place < segment.blocks.size(); ++place) {
            const bool there = next < places.size() && places[next] == place;
            out.put(there ? 1 : 0, 1);
            next += there ? 1 : 0;
        }
        return;
    }
    out.put(0, 1);
    out.put_gamma(places.size() - 1);
    out.put(places.front(), segment.place_bits());
    for (std::size_t i = 1; i < places.size(); ++i) out.put_gamma(places[i] - places[i - 1]);
}

class PageReader {
  public:
    PageReader(const Segment& segment, std::string_view page)
        : segment_(segment), bits_(page), left_(bits_.get_gamma() - 1) {}

    // false: there are no more, or it has failed.
    bool next() {
        if (left_ == 0 || bits_.failed()) return false;
        --left_;
        const std::uint64_t step = bits_.get_rice(segment_.rice_bits);
        fingerprint_ = first_ ? step : fingerprint_ + step + 1;
        first_ = false;
        if (fingerprint_ >> segment_.fingerprint_bits != 0) bits_.fail();
        return !bits_.failed();
    }
    std::uint64_t fingerprint() const { return fingerprint_; }

    // Must be called once after each next().
    template <class Each>
    void places(const Each& each) {
        const std::size_t blocks = segment_.blocks.size();
        if (bits_.get(1) == 0) return place(bits_.get(segment_.place_bits()), each);
        if (bits_.get(1) == 1) {
            for (std::size_t at = 0; at < blocks; ++at) {
                if (bits_.get(1) == 1) each(static_cast<std::uint32_t>(at));
            }
            return;
        }
        std::uint64_t more = bits_.get_gamma();
        std::uint64_t at = bits_.get(segment_.place_bits());
        place(at, each);
        for (; more > 0 && !bits_.failed(); --more) place(at += bits_.get_gamma(), each);
    }
    bool failed() const { return bits_.failed(); }

  private:
    template <class Each>
    void place(std::uint64_t at, const Each& each) {
        if (at >= segment_.blocks.size()) {
            bits_.fail();
        } else if (!bits_.failed()) {
            each(static_cast<std::uint32_t>(at));
        }
    }

    const Segment& segment_;
    BitReader bits_;
    std::uint64_t left_;
    std::uint64_t fingerprint_ = 0;
    bool first_ = true;
};

}  // namespace

std::string write_page(const Segment& segment, const std::vector<PageEntry>& entries) {
    BitWriter out;
    out.put_gamma(entries.size() + 1);
    std::uint64_t next = 0;
    for (const PageEntry& entry : entries) {
        out.put_rice(entry.fingerprint - next, segment.rice_bits);
        next = entry.fingerprint + 1;
        write_places(out, segment, entry.places);
    }
    return out.take();
}

Result<void> find_in_page(const Segment& segment, std::string_view page, std::uint64_t fingerprint,
                          PlaceSet& places) {
    PageReader reader(segment, page);
    while (reader.next() && reader.fingerprint() <= fingerprint) {
        const bool wanted = reader.fingerprint() == fingerprint;
        reader.places([&](std::uint32_t place) {
            if (wanted) places.add(place);
        });
        if (wanted) break;
    }
    if (reader.failed()) return corrupt_index("a page does not add up");
    return {};
}

Result<std::vector<PageEntry>> parse_page(const Segment& segment, std::string_view page) {
    std::vector<PageEntry> out;
    PageReader reader(segment, page);
    while (reader.next()) {
        PageEntry& entry = out.emplace_back();
        entry.fingerprint = reader.fingerprint();
        reader.places([&](std::uint32_t place) { entry.places.push_back(place); });
        if (entry.places.empty()) return corrupt_index("a page has a word of no block");
    }
    if (reader.failed()) return corrupt_index("a page does not add up");
    return out;
}

}  // namespace nmstore::postings
