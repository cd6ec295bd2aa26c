// The form of an agent's value: all of it but the text that a searcher sees (docs/block-format.md, Cells).
// Text and form together give the value back byte for byte; a value for which that is not so has no form.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cell_style.h"
#include "engine/cell_text.h"

namespace nmstore {

inline constexpr std::size_t kMaxForms = 1024;      // of a block; values of further ones are kept as they are
inline constexpr std::size_t kMaxFormBytes = 4096;  // of head and tail
inline constexpr std::size_t kMaxSlots = 4;
inline constexpr std::size_t kSlotDigits = 13;  // of a number that is kept beside

struct CellForm {
    enum class SlotKind : std::uint8_t { cell_time = 0, number = 1 };
    struct Slot {
        std::size_t at = 0;  // in head + tail, rising
        SlotKind kind = SlotKind::cell_time;
        bool operator==(const Slot&) const = default;
    };
    std::shared_ptr<const CellStyle> style;
    std::string head, tail;  // what stands before and behind the text, without what is in the slots
    std::vector<Slot> slots;

    std::size_t numbers() const;  // slots of kind number
    // The value; `numbers`: one for each such slot. The text as CellText has it.
    void render(std::string_view text, std::int64_t time_ms, const std::vector<std::uint64_t>& numbers,
                std::string& out) const;
    // Whether the value is this form's; `numbers` are then what its slots hold.
    bool matches(std::string_view value, std::string_view text, std::int64_t time_ms,
                 std::vector<std::uint64_t>& numbers, std::string& scratch) const;
};

// Finds the forms of one block's values. Most have the one of the value before.
class FormFinder {
  public:
    static constexpr std::size_t kNone = SIZE_MAX;

    // The place among forms(); kNone: has none. `text` has been assigned `value`.
    std::size_t find(std::string_view value, const CellText& text, std::int64_t time_ms);
    // What the slots of the value found last hold.
    const std::vector<std::uint64_t>& numbers() const { return numbers_; }
    const std::vector<CellForm>& forms() const { return forms_; }

  private:
    std::size_t find_new(std::string_view value, const CellText& text, std::int64_t time_ms);
    bool make(std::uint32_t bits, std::string_view value, const CellText& text, std::int64_t time_ms,
              CellForm& form);

    std::vector<CellForm> forms_;
    std::unordered_map<std::string, std::size_t> by_bytes_;
    std::size_t last_ = kNone;
    std::size_t misses_ = 0;
    std::vector<std::uint64_t> numbers_;
    std::string scratch_;
};

}  // namespace nmstore
