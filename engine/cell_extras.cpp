#include "engine/cell_extras.h"

#include <algorithm>

#include "engine/block/stream.h"

namespace nmstore {
namespace {

using block::put_varint;
using block::unzigzag;
using block::zigzag;

std::int64_t minus(std::int64_t a, std::int64_t b) {  // wraps, and wraps back
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// Places in a list of cells, as the cells between them.
class Gaps {
  public:
    std::uint64_t to(std::size_t place) {
        const std::size_t gap = place - next_;
        next_ = place + 1;
        return gap;
    }
    std::uint64_t from(std::uint64_t gap) {
        const std::uint64_t place = next_ + gap;
        next_ = place + 1;
        return place;
    }

  private:
    std::uint64_t next_ = 0;
};

void put_form(std::string& out, const CellForm& form) {
    put_varint(out, form.style->bits());
    put_varint(out, form.slots.size());
    for (const CellForm::Slot& slot : form.slots) {
        put_varint(out, slot.at);
        put_varint(out, static_cast<std::uint64_t>(slot.kind));
    }
    put_varint(out, form.head.size());
    put_varint(out, form.tail.size());
    out.append(form.head).append(form.tail);
}

class ExtrasParser {
  public:
    ExtrasParser(std::string_view bytes, const std::vector<block::LineKey>& lines)
        : in_(bytes), lines_(lines) {}

    Result<CellExtras> parse() {
        out_.in_lines = in_.size(1) != 0;
        const std::size_t count = in_.size(kMaxCellsOfBlock);
        if (in_.failed() || count == 0 || lines_.empty()) return wrong();
        out_.cells.resize(count);
        if (!take_times() || !take_forms() || !take_form_of_cells() || !take_expiries() || !take_numbers() ||
            !take_halves() || !take_raws() || in_.failed() || !in_.at_end() || !place_lines())
            return wrong();
        return std::move(out_);
    }

  private:
    static Error wrong() { return block::corrupt("its cells do not fit its lines"); }

    // The cells without a line have their times told; the others have those of the lines.
    bool take_times() {
        std::vector<bool> lineless(out_.cells.size(), false);
        const std::size_t count = in_.size(out_.cells.size());
        Gaps gaps;
        std::int64_t time = lines_.front().time_ms;
        for (std::size_t i = 0; i < count && !in_.failed(); ++i) {
            const std::uint64_t place = gaps.from(in_.size(kMaxCellsOfBlock));
            const bool no_text = in_.size(1) != 0;
            time = plus(time, unzigzag(in_.varint()));
            if (place >= out_.cells.size()) return false;
            lineless[place] = true;
            out_.cells[place].time_ms = time;
            out_.cells[place].no_text = no_text;
        }
        if (in_.failed()) return false;
        std::size_t line = 0;
        for (std::size_t i = 0; i < out_.cells.size(); ++i) {
            SealedCell& cell = out_.cells[i];
            cell.first_line = static_cast<std::uint32_t>(line);
            if (!lineless[i]) {
                if (line == lines_.size()) return false;
                cell.time_ms = lines_[line].time_ms;
                while (line < lines_.size() && lines_[line].time_ms == cell.time_ms) ++line;
                cell.lines = static_cast<std::uint32_t>(line) - cell.first_line;
            }
            if (i > 0 && cell.time_ms <= out_.cells[i - 1].time_ms) return false;
        }
        return line == lines_.size();
    }

    bool take_forms() {
        const std::size_t count = in_.size(kMaxForms);
        for (std::size_t i = 0; i < count && !in_.failed(); ++i) {
            CellForm form;
            const std::uint64_t bits = in_.varint();
            if (in_.failed() || bits >= style::kEnd || !style::is_valid(static_cast<std::uint32_t>(bits)))
                return false;
            const std::size_t slots = in_.size(kMaxSlots);
            for (std::size_t j = 0; j < slots && !in_.failed(); ++j) {
                const std::size_t at = in_.size(kMaxFormBytes);
                form.slots.push_back(
                    {at, in_.size(1) == 0 ? CellForm::SlotKind::cell_time : CellForm::SlotKind::number});
                if (j > 0 && form.slots[j - 1].at > at) return false;
            }
            const std::size_t head = in_.size(kMaxFormBytes);
            const std::size_t tail = in_.size(kMaxFormBytes);
            form.head = in_.bytes(head);
            form.tail = in_.bytes(tail);
            if (in_.failed()) return false;
            if (!form.slots.empty() && form.slots.back().at > head + tail) return false;
            form.style = std::make_shared<CellStyle>(static_cast<std::uint32_t>(bits));
            out_.forms.push_back(std::move(form));
        }
        return !in_.failed();
    }

    bool take_form_of_cells() {
        for (std::size_t i = 0; i < out_.cells.size();) {
            const std::size_t run = in_.size(out_.cells.size() - i);
            const std::size_t form = in_.size(out_.forms.size());
            if (in_.failed() || run == 0) return false;
            for (const std::size_t end = i + run; i < end; ++i)
                out_.cells[i].form = form == 0 ? SealedCell::kRaw : static_cast<std::uint32_t>(form - 1);
        }
        return true;
    }

    bool take_expiries() {
        if (in_.size(1) == 0) return !in_.failed();
        std::int64_t ttl = 0;
        for (SealedCell& cell : out_.cells) {
            ttl = plus(ttl, unzigzag(in_.varint()));
            cell.expires_at_ms = plus(cell.time_ms, ttl);
        }
        return !in_.failed();
    }

    bool take_numbers() {
        std::int64_t last = 0;
        for (SealedCell& cell : out_.cells) {
            if (cell.form == SealedCell::kRaw) continue;
            for (std::size_t n = out_.forms[cell.form].numbers(); n > 0; --n) {
                last = plus(last, unzigzag(in_.varint()));
                cell.numbers.push_back(static_cast<std::uint64_t>(plus(cell.time_ms, last)));
                if (in_.failed()) return false;
            }
        }
        return true;
    }

    bool take_halves() {
        const std::size_t count = in_.size(out_.cells.size());
        Gaps gaps;
        for (std::size_t i = 0; i < count && !in_.failed(); ++i) {
            const std::uint64_t place = gaps.from(in_.size(kMaxCellsOfBlock));
            const std::uint64_t part = in_.varint();
            if (place >= out_.cells.size()) return false;
            out_.cells[place].half = true;
            out_.cells[place].part = part;
        }
        return !in_.failed();
    }

    bool take_raws() {
        for (SealedCell& cell : out_.cells) {
            if (cell.form != SealedCell::kRaw) continue;
            cell.raw = in_.bytes(in_.size(kMaxRawBytes));
            if (in_.failed()) return false;
        }
        return true;
    }

    // Where each cell that goes on with an earlier line has its piece of it.
    bool place_lines() {
        bool open = false;
        std::uint32_t line = 0;
        std::uint64_t at = 0;
        for (SealedCell& cell : out_.cells) {
            if (cell.no_text) continue;
            cell.continues = open;
            if (open) {
                cell.continued_line = line;
                cell.continued_at = at;
            } else if (cell.lines == 0) {
                return false;
            }
            const bool goes_on = cell.half && cell.part != 0;
            const std::uint64_t part = goes_on ? cell.part - 1 : 0;
            if (cell.lines != 0) {
                line = cell.first_line + cell.lines - 1;
                at = part;
            } else if (goes_on) {
                at += part;
            }
            if (at > kMaxTextBytes) return false;
            open = goes_on;
        }
        return !open;
    }

    static constexpr std::uint64_t kMaxTextBytes = std::uint64_t{1} << 40;
    static constexpr std::uint64_t kMaxRawBytes = std::uint64_t{64} << 20;  // as a section

    block::Reader in_;
    const std::vector<block::LineKey>& lines_;
    CellExtras out_;
};

}  // namespace

std::string write_cell_extras(const CellExtras& extras, std::int64_t first_line_ms) {
    std::string out;
    const std::vector<SealedCell>& cells = extras.cells;
    put_varint(out, extras.in_lines ? 1 : 0);
    put_varint(out, cells.size());

    std::string list;
    std::size_t count = 0;
    Gaps lineless;
    std::int64_t time = first_line_ms;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].lines != 0) continue;
        ++count;
        put_varint(list, lineless.to(i));
        put_varint(list, cells[i].no_text ? 1 : 0);
        put_varint(list, zigzag(minus(cells[i].time_ms, time)));
        time = cells[i].time_ms;
    }
    put_varint(out, count);
    out += list;

    put_varint(out, extras.forms.size());
    for (const CellForm& form : extras.forms) put_form(out, form);
    for (std::size_t i = 0; i < cells.size();) {
        std::size_t end = i + 1;
        while (end < cells.size() && cells[end].form == cells[i].form) ++end;
        put_varint(out, end - i);
        put_varint(out, cells[i].form == SealedCell::kRaw ? 0 : std::uint64_t{cells[i].form} + 1);
        i = end;
    }

    const bool expires =
        std::any_of(cells.begin(), cells.end(), [](const auto& cell) { return cell.expires_at_ms != 0; });
    put_varint(out, expires ? 1 : 0);
    std::int64_t ttl = 0;
    for (std::size_t i = 0; expires && i < cells.size(); ++i) {
        const std::int64_t next = minus(cells[i].expires_at_ms, cells[i].time_ms);
        put_varint(out, zigzag(minus(next, ttl)));
        ttl = next;
    }

    std::int64_t last = 0;
    for (const SealedCell& cell : cells) {
        for (const std::uint64_t number : cell.numbers) {
            const std::int64_t next = minus(static_cast<std::int64_t>(number), cell.time_ms);
            put_varint(out, zigzag(minus(next, last)));
            last = next;
        }
    }

    list.clear();
    count = 0;
    Gaps halves;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!cells[i].half) continue;
        ++count;
        put_varint(list, halves.to(i));
        put_varint(list, cells[i].part);
    }
    put_varint(out, count);
    out += list;
    for (const SealedCell& cell : cells) {
        if (cell.form != SealedCell::kRaw) continue;
        put_varint(out, cell.raw.size());
        out += cell.raw;
    }
    return out;
}

Result<CellExtras> parse_cell_extras(std::string_view bytes, const std::vector<block::LineKey>& lines) {
    return ExtrasParser(bytes, lines).parse();
}

}  // namespace nmstore
