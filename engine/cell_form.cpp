#include "engine/cell_form.h"

#include <algorithm>
#include <charconv>

#include "engine/agent_object.h"
#include "nmstore/escape.h"

namespace nmstore {
namespace {

// After so many values without a form only those are tried that are known: a row of such values must not cost
// much.
constexpr std::size_t kMaxMisses = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes the cell's time, and numbers of 13 digits, out of what stands around a text.
void cut_slots(std::string_view around, std::int64_t time_ms, std::size_t before, std::string& out,
               std::vector<CellForm::Slot>& slots) {
    const std::string time = std::to_string(time_ms);
    std::size_t at = 0;
    while (at < around.size()) {
        if (slots.size() < kMaxSlots && time.size() >= kSlotDigits && around.substr(at).starts_with(time)) {
            slots.push_back({before + out.size(), CellForm::SlotKind::cell_time});
            at += time.size();
            continue;
        }
        std::size_t end = at;
        while (end < around.size() && is_digit(around[end])) ++end;
        // What stands before may be the digits of an escaped quote.
        const std::size_t digits = end - at;
        if (slots.size() < kMaxSlots && digits >= kSlotDigits && around[end - kSlotDigits] != '0' &&
            around.substr(at, digits).find(time) == std::string_view::npos) {
            out.append(around.substr(at, digits - kSlotDigits));
            slots.push_back({before + out.size(), CellForm::SlotKind::number});
            at = end;
            continue;
        }
        out.push_back(around[at++]);
    }
}

// What of a JSON style can be told from the text as it stands in its string.
std::uint32_t json_bits(std::string_view raw) {
    std::uint32_t bits = style::kJson;
    for (std::size_t at = raw.find('\\'); at != std::string_view::npos && at + 1 < raw.size();
         at = raw.find('\\', at + 2)) {
        if (raw[at + 1] == '/') bits |= style::kJsonSlash;
        if (raw[at + 1] != 'u' || at + 6 > raw.size()) continue;
        const std::string_view digits = raw.substr(at + 2, 4);
        if (digits.find_first_of("ABCDEF") != std::string_view::npos) bits |= style::kJsonCapitalHex;
        if (digits == "0008" || digits == "000c" || digits == "000C") bits |= style::kJsonLongControls;
        if (!digits.starts_with("00") || digits[2] >= '8') bits |= style::kJsonAscii;
    }
    return bits;
}

std::string bytes_of(const CellForm& form) {
    std::string out = std::to_string(form.style->bits()) + ' ' + std::to_string(form.head.size());
    for (const CellForm::Slot& slot : form.slots)
        out += ' ' + std::to_string(slot.at) + (slot.kind == CellForm::SlotKind::number ? 'n' : 't');
    return out + ' ' + form.head + form.tail;
}

}  // namespace

std::size_t CellForm::numbers() const {
    return static_cast<std::size_t>(std::count_if(
        slots.begin(), slots.end(), [](const Slot& slot) { return slot.kind == SlotKind::number; }));
}

void CellForm::render(std::string_view text, std::int64_t time_ms, const std::vector<std::uint64_t>& numbers,
                      std::string& out) const {
    out.clear();
    std::size_t slot = 0;
    std::size_t number = 0;
    const auto around = [&](std::string_view part, std::size_t begin, std::size_t end) {
        std::size_t copied = 0;
        for (; slot < slots.size() && slots[slot].at < end; ++slot) {
            const std::size_t at = slots[slot].at - begin;
            out.append(part, copied, at - copied);
            copied = at;
            out += std::to_string(slots[slot].kind == SlotKind::cell_time
                                      ? time_ms
                                      : static_cast<std::int64_t>(numbers[number++]));
        }
        out.append(part, copied, part.size() - copied);
    };
    around(head, 0, head.size());
    style->append(text, out);
    around(tail, head.size(), SIZE_MAX);
}

bool CellForm::matches(std::string_view value, std::string_view text, std::int64_t time_ms,
                       std::vector<std::uint64_t>& numbers, std::string& scratch) const {
    numbers.assign(this->numbers(), 0);
    if (!numbers.empty()) {
        // Each number is where its slot comes to stand; the text between head and tail is as long as it is.
        const std::size_t time_bytes = std::to_string(time_ms).size();
        std::size_t shift = 0;  // of what stands in slots before
        std::size_t number = 0;
        for (const Slot& slot : slots) {
            const bool in_head = slot.at < head.size();
            const std::size_t bytes = slot.kind == SlotKind::number ? kSlotDigits : time_bytes;
            std::size_t at = slot.at + shift;
            shift += bytes;
            if (slot.kind != SlotKind::number) continue;
            if (!in_head) {
                // Counted from the end: what stands behind it, and in the slots behind it.
                std::size_t behind = head.size() + tail.size() - slot.at;
                for (const Slot* next = &slot + 1; next != slots.data() + slots.size(); ++next)
                    behind += next->kind == SlotKind::number ? kSlotDigits : time_bytes;
                if (value.size() < behind + kSlotDigits) return false;
                at = value.size() - behind - kSlotDigits;
            }
            if (at > value.size() || value.size() - at < kSlotDigits || value[at] == '0') return false;
            const char* const end = value.data() + at + kSlotDigits;
            const auto read = std::from_chars(value.data() + at, end, numbers[number]);
            if (read.ec != std::errc() || read.ptr != end) return false;
            ++number;
        }
    }
    render(text, time_ms, numbers, scratch);
    return scratch == value;
}

std::size_t FormFinder::find(std::string_view value, const CellText& text, std::int64_t time_ms) {
    if (last_ != kNone) {
        if (forms_[last_].matches(value, text.text(), time_ms, numbers_, scratch_)) return last_;
    }
    const std::size_t found = find_new(value, text, time_ms);
    if (found == kNone) {
        ++misses_;
        numbers_.clear();
    } else {
        last_ = found;
    }
    return found;
}

std::size_t FormFinder::find_new(std::string_view value, const CellText& text, std::int64_t time_ms) {
    if (misses_ > kMaxMisses) return kNone;
    const auto outer = static_cast<std::uint32_t>(text.outer_passes());
    const auto inner = static_cast<std::uint32_t>(text.inner_passes());
    const std::uint32_t passes = outer << style::kOuterShift | inner << style::kInnerShift;
    const std::uint32_t sets = outer + inner == 0 ? 1 : style::kAllowedSets;
    CellForm form;
    for (std::uint32_t set = 0; set < sets; ++set) {
        for (const std::uint32_t hex : {0u, style::kSmallHex}) {
            for (const std::uint32_t keep : {0u, style::kKeepBytes}) {
                const std::uint32_t bits = passes | set << style::kAllowedShift | hex | keep;
                if (!make(bits, value, text, time_ms, form)) continue;
                std::string bytes = bytes_of(form);
                const auto known = by_bytes_.find(bytes);
                if (known != by_bytes_.end()) return known->second;
                if (forms_.size() == kMaxForms) return kNone;
                forms_.push_back(std::move(form));
                by_bytes_.emplace(std::move(bytes), forms_.size() - 1);
                return forms_.size() - 1;
            }
            if (outer + inner == 0) break;
        }
    }
    return kNone;
}

bool FormFinder::make(std::uint32_t bits, std::string_view value, const CellText& text, std::int64_t time_ms,
                      CellForm& form) {
    form = {};
    if (!text.in_object()) {
        form.style = std::make_shared<CellStyle>(bits);
        return form.matches(value, text.text(), time_ms, numbers_, scratch_);
    }
    std::string object(value);
    std::string passed;
    for (int i = 0; i < text.outer_passes(); ++i) {
        if (!unescape(object, passed)) return false;
        object.swap(passed);
    }
    std::string_view raw;
    if (!find_raw_returned(object, raw)) return false;
    form.style = std::make_shared<CellStyle>(bits | json_bits(raw));
    const auto begin = static_cast<std::size_t>(raw.data() - object.data());
    std::string head, tail;
    form.style->append_around(std::string_view(object).substr(0, begin), head);
    form.style->append_around(std::string_view(object).substr(begin + raw.size()), tail);
    if (head.size() + tail.size() > kMaxFormBytes || !value.starts_with(head) || !value.ends_with(tail))
        return false;
    cut_slots(head, time_ms, 0, form.head, form.slots);
    const std::size_t in_head = form.slots.size();
    cut_slots(tail, time_ms, form.head.size(), form.tail, form.slots);
    // A slot between head and tail could be in either.
    if (in_head != 0 && form.slots[in_head - 1].at == form.head.size()) return false;
    return form.matches(value, text.text(), time_ms, numbers_, scratch_);
}

}  // namespace nmstore
