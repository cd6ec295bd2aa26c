#include "engine/journal_record.h"

#include "engine/journal_codes.h"
#include "engine/packed_text.h"
#include "engine/record.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

using packed::append;
using packed::append_signed;
using packed::append_text;

using namespace journal;

void append(std::string& out, Stored code) {
    out.push_back(static_cast<char>(code));
}
void append_byte(std::string& out, unsigned byte) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
}

}  // namespace

void JournalSteps::turn(std::string_view family, ValueType comparator, std::string_view row) {
    if (has_row_ && family_ == family && row_ == row) return;
    has_row_ = true;
    family_ = family;
    row_ = row;
    display_.clear();
    append(bytes_, Stored::row);
    append_text(bytes_, family);
    append_byte(bytes_, static_cast<unsigned>(comparator));
    append_text(bytes_, row);
}

void JournalSteps::turn_to(const FamilyInfo& family, std::string_view row) {
    turn(family.name, family.comparator, row);
}

void JournalSteps::put_cell(std::string_view sortable_column, std::int64_t expires_at_ms, bool told,
                            std::string_view value) {
    append(bytes_, Stored::put_cell);
    append_text(bytes_, sortable_column);
    append_byte(bytes_, (expires_at_ms != 0 ? kExpires : 0) | (told ? kTold : 0));
    if (expires_at_ms != 0) append_signed(bytes_, expires_at_ms);
    append_text(bytes_, value);
}

void JournalSteps::remove_cell(std::string_view sortable_column) {
    append(bytes_, Stored::remove_cell);
    append_text(bytes_, sortable_column);
}

void JournalSteps::remove_row() {
    append(bytes_, Stored::remove_row);
}

void JournalSteps::display(std::string_view name) {
    if (display_ == name) return;
    display_ = name;
    append(bytes_, Stored::display);
    append_text(bytes_, name);
}

void JournalSteps::line(std::int64_t time_ms, std::string_view text, std::string_view fields) {
    append(bytes_, Stored::line);
    append_signed(bytes_, time_ms);
    append_text(bytes_, text);
    append_text(bytes_, fields);
}

void JournalSteps::block(const BuiltBlock& block) {
    append(bytes_, Stored::block);
    append_text(bytes_, record::block_head(block.info));
    append(bytes_, block.sections.size());
    for (const std::string& section : block.sections) append_text(bytes_, section);
}

void JournalSteps::add(std::string_view row, std::string_view column, std::int64_t delta) {
    append(bytes_, Stored::add);
    append_text(bytes_, row);
    append_text(bytes_, column);
    append_signed(bytes_, delta);
}

void JournalSteps::remove_counters(std::string_view row, std::optional<std::string_view> column) {
    append(bytes_, Stored::remove_counters);
    append_text(bytes_, row);
    append_byte(bytes_, column ? 1 : 0);
    if (column) append_text(bytes_, *column);
}

void JournalSteps::create_family(std::string_view name, ValueType comparator) {
    append(bytes_, Stored::create_family);
    append_text(bytes_, name);
    append_byte(bytes_, static_cast<unsigned>(comparator));
}

void JournalSteps::drop_family(std::string_view name) {
    append(bytes_, Stored::drop_family);
    append_text(bytes_, name);
}

void JournalSteps::declare_column(std::string_view family, std::string_view column, ValueType type,
                                  std::optional<bool> indexed) {
    append(bytes_, Stored::declare_column);
    append_text(bytes_, family);
    append_text(bytes_, column);
    append_byte(bytes_, static_cast<unsigned>(type));
    append_byte(bytes_, !indexed ? 0 : *indexed ? 2 : 1);
}

void JournalSteps::origin(std::string_view source, std::uint64_t sequence) {
    append(bytes_, Stored::origin);
    append_text(bytes_, source);
    append(bytes_, sequence);
}

void JournalSteps::only_rows(const FamilyInfo& family, std::string_view from, std::string_view to) {
    append(bytes_, Stored::only_rows);
    append_text(bytes_, family.name);
    append_byte(bytes_, static_cast<unsigned>(family.comparator));
    append_text(bytes_, from);
    append_text(bytes_, to);
}

void JournalSteps::begin_copy(bool in_part) {
    append(bytes_, Stored::begin_copy);
    append(bytes_, 1u | (in_part ? 2u : 0u));
}

void JournalSteps::cut(std::string_view hub, ChangeNumber position) {
    append(bytes_, Stored::cut);
    append_text(bytes_, hub);
    append(bytes_, position);
}

void JournalSteps::cut_filtered(std::string_view hub, ChangeNumber position) {
    append(bytes_, Stored::cut_filtered);
    append_text(bytes_, hub);
    append(bytes_, position);
}

void JournalSteps::sources(std::string_view source, std::string_view marks) {
    append(bytes_, Stored::sources);
    append_text(bytes_, source);
    append_text(bytes_, marks);
}

void JournalSteps::end_copy() {
    append(bytes_, Stored::end_copy);
}

void JournalSteps::retold(std::string_view hub, ChangeNumber number, std::uint64_t stamp) {
    append(bytes_, Stored::retold);
    append_text(bytes_, hub);
    append(bytes_, number);
    append(bytes_, stamp);
}

void JournalSteps::set_counter(std::string_view row, std::string_view column, std::int64_t value) {
    append(bytes_, Stored::set_counter);
    append_text(bytes_, row);
    append_text(bytes_, column);
    append_signed(bytes_, value);
}

void JournalSteps::written(std::uint64_t stamp, std::uint64_t hub) {
    append(bytes_, Stored::written);
    append(bytes_, stamp);
    append(bytes_, hub);
}

void JournalSteps::counters_of(std::string_view row) {
    append(bytes_, Stored::counters_of);
    append_text(bytes_, row);
}

void JournalSteps::only_counters(std::string_view from, std::string_view to) {
    append(bytes_, Stored::only_counters);
    append_text(bytes_, from);
    append_text(bytes_, to);
}

void JournalSteps::only_families(std::string_view from, std::string_view to) {
    append(bytes_, Stored::only_families);
    append_text(bytes_, from);
    append_text(bytes_, to);
}

void JournalSteps::repeat(const JournalReader& reader, JournalStep::Kind kind, std::string_view bytes) {
    using Kind = JournalStep::Kind;
    const bool of_row = kind == Kind::put_cell || kind == Kind::remove_cell || kind == Kind::remove_row ||
                        kind == Kind::line || kind == Kind::block;
    if (of_row) turn(reader.family_, reader.comparator_, reader.row_);
    if ((kind == Kind::line || kind == Kind::block) && !reader.display_.empty()) display(reader.display_);
    bytes_ += bytes;
}

void JournalSteps::clear() {
    *this = {};
}

std::string format_journal_record(std::uint64_t stamp, const JournalOrigin* origin,
                                  const JournalSteps& steps) {
    std::string out;
    out.reserve(steps.size() + 48);
    out.push_back(origin == nullptr ? kVersion : kForeign);
    append(out, stamp);
    if (origin != nullptr) {
        append_text(out, origin->hub);
        append(out, origin->number);
    }
    return out += steps.bytes();
}

}  // namespace nmstore
