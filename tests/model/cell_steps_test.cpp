#include "tests/model/cell_steps.h"

#include "nmstore/escape.h"
#include "nmstore/line.h"
#include "nmstore/value_type.h"

namespace nmstore::testing {
namespace {

const char* const kNames[] = {"write", "remove cell", "remove row", "append", "wait",
                              "seal",  "compact",     "reopen",     "crash"};

// A JSON string's inside, as agents of several makers write it.
std::string json_text(const std::string& text, bool slash, bool long_controls) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\' || (c == '/' && slash)) {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += long_controls ? "\\u0009" : "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            const char* const hex = "0123456789abcdef";
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4];
            out += hex[c & 15];
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

const std::vector<CellRowName>& cell_rows() {
    static const std::vector<CellRowName> rows{
        {"CFLongType", "1.2.3.4:logs:messages:2011:5:22"},
        {"CFLongType", "c:plugins:cpu:2011:5:22"},
        {"CFLongType", "1.2.3.4:logs:_var_log:2011:5:22"},
        {"CFLongType", "alerts:2011:5:22"},
        {"Readings", "other"},
    };
    return rows;
}

std::string describe(const CellStep& step) {
    std::string out = kNames[static_cast<std::size_t>(step.what)];
    if (step.what == CellStep::What::wait) out += " " + std::to_string(step.ms) + " ms";
    if (step.counted) out += " counted";
    for (const CellPut& put : step.puts) {
        out += "\n    row " + std::to_string(put.row) + " at " + std::to_string(put.time_ms);
        if (put.ttl_s != 0) out += " for " + std::to_string(put.ttl_s) + " s";
        out += ": " + std::to_string(put.value.size()) + " bytes " + printable(put.value);
    }
    return out;
}

std::string CellSteps::line() {
    static const std::vector<std::string> kLines{"Accepted password for root from 10.0.0.7 port 2200",
                                                 "",
                                                 "value=-1.5e3",
                                                 "a\tb \"quoted\" c:\\d/e",
                                                 "100% %41 %u0042 %2541",
                                                 "gr\xc3\xbc\xc3\x9f",
                                                 "\xff\xfe\x80 raw",
                                                 std::string("nul\0in", 6),
                                                 "{\"date\":1,\"returned\":\"inner\\n\"}",
                                                 "\x01\x02\x03"};
    if (agent_ == AgentKind::hostile) {
        if (chance(30)) return one_of(kLines);
        // A template of its own.
        std::string out;
        for (std::size_t i = below(12); i > 0; --i)
            out += static_cast<char>(chance(50) ? ' ' + below(95) : below(256));
        std::erase(out, '\n');
        return out;
    }
    if (chance(8)) return one_of(kLines);
    return "job " + std::to_string(below(1000)) +
           (chance(50) ? " done" : " failed with code " + std::to_string(below(9)));
}

std::string CellSteps::returned() {
    std::string out;
    switch (agent_) {
        case AgentKind::endless:
            if (chance(3)) return line() + "\n" + (chance(50) ? line() : "");
            return chance(4) ? "" : line();
        case AgentKind::tails:
            for (std::size_t i = below(4); i > 0; --i) out += line() + "\n";
            if (chance(50)) out += line();
            return out;
        default:
            for (std::size_t i = below(4); i > 0; --i) out += line() + "\n";
            if (chance(5)) out += line();
            return out;
    }
}

std::string CellSteps::in_object(const std::string& text, std::int64_t time_ms) {
    const std::int64_t date = chance(70) ? time_ms : time_ms + static_cast<std::int64_t>(below(2000)) - 1000;
    std::string inner = text;
    if (chance(10)) inner = escape(inner);
    const std::string quoted = json_text(inner, chance(10), chance(10));
    const std::string blank = chance(10) ? " " : "";
    std::string out = "{\"date\":" + blank + std::to_string(date) + ",";
    if (chance(10)) out += "\"host\":\"10.0.0." + std::to_string(below(3)) + "\",";
    out += "\"returned\":" + blank + "\"" + quoted + "\"";
    if (chance(10)) out += ",\"more\":{\"seq\":" + std::to_string(below(100'000)) + "}";
    return out + "}";
}

std::string CellSteps::value(std::int64_t time_ms, bool big) {
    if (agent_ == AgentKind::numbers) {
        const std::string number = std::to_string(static_cast<std::int64_t>(below(2000)) - 1000) +
                                   (chance(50) ? "." + std::to_string(below(100)) : "");
        const std::string quoted = chance(50) ? "\"" + number + "\"" : number;
        const std::string value = "{\"date\":" + std::to_string(time_ms) + ",\"value\":" + quoted + "}";
        return chance(70) ? escape(value) : value;
    }
    if (chance(agent_ == AgentKind::hostile ? 25 : 2)) {
        static const std::vector<std::string> kRaw{"",
                                                   "\n",
                                                   "plain",
                                                   "two\nlines",
                                                   "half%",
                                                   "%7B%22date%22",
                                                   "{\"date\":1,\"returned\":\"cut off",
                                                   "{\"date\":1,\"returned\":\"%0A\"}",
                                                   "%257B%2522returned%2522%253A%2522x%2522%257D",
                                                   "\xff\n\xfe",
                                                   "{\"returned\":\"a\",\"returned\":\"b\\n\"}",
                                                   "{\"returned\":5}",
                                                   std::string("\0", 1)};
        return one_of(kRaw);
    }
    std::string text = returned();
    if (big && below(2000) == 0) text.insert(0, kMaxLineBytes + below(40) - 20, 'x');
    std::string value = in_object(text, time_ms);
    for (std::size_t i = chance(75) ? 1 : below(3); i > 0; --i) value = escape(value);
    if (agent_ == AgentKind::hostile && chance(5) && !value.empty())
        value[below(value.size())] = static_cast<char>(below(256));
    return value;
}

// Mostly the next; else among those that are there, or at one of them.
std::int64_t CellSteps::some_time(std::size_t row) {
    std::int64_t& next = next_ms_[row];
    if (next > kCellsDayMs && chance(8)) {
        const auto span = static_cast<std::size_t>(next - kCellsDayMs);
        const auto at = static_cast<std::int64_t>(below(span));
        return kCellsDayMs + (chance(60) ? at / 10 * 10 : at);
    }
    const std::int64_t time = next;
    next += 10 * static_cast<std::int64_t>(1 + below(3));
    return time;
}

CellPut CellSteps::put() {
    CellPut put;
    put.row = chance(60) ? 0 : below(cell_rows().size());
    put.time_ms = some_time(put.row);
    put.value = value(put.time_ms);
    if (chance(expiring_ ? 80 : 4)) put.ttl_s = static_cast<std::int64_t>(chance(50) ? 30 : 1 + below(60));
    return put;
}

CellStep CellSteps::step() {
    CellStep step;
    step.salt = random_();
    const std::size_t what = below(1000);
    if (what < 700) {
        step.what = CellStep::What::write;
        step.counted = chance(70);
        for (std::size_t i = chance(50) ? 1 : 1 + below(30); i > 0; --i) step.puts.push_back(put());
    } else if (what < 740 || (what < 745 && expiring_)) {
        step.what = CellStep::What::remove_cell;
        step.puts.push_back(put());
        const auto span = static_cast<std::size_t>(next_ms_[step.puts[0].row] - kCellsDayMs);
        step.puts[0].time_ms = kCellsDayMs + static_cast<std::int64_t>(below(span / 10 + 1)) * 10;
    } else if (what < 748) {
        step.what = CellStep::What::remove_row;
        step.puts.push_back(put());
    } else if (what < 790) {
        step.what = CellStep::What::append;
        step.puts.push_back(put());
        step.puts[0].row = chance(50) ? 0 : 2;
        step.puts[0].value = chance(50) ? "appended" : "\"tab\"\t\xff";
    } else if (what < (expiring_ ? 850 : 800)) {
        constexpr std::int64_t kDayMs = 86'400'000;
        step.ms = chance(8) ? kDayMs : static_cast<std::int64_t>(below(20'000));
    } else if (what < 960) {
        step.what = CellStep::What::seal;
    } else if (what < 975) {
        step.what = CellStep::What::compact;
    } else {
        step.what = chance(50) ? CellStep::What::reopen : CellStep::What::crash;
    }
    if (step.what != CellStep::What::write && step.what != CellStep::What::append) {
        for (CellPut& put : step.puts) put.value.clear();
    }
    return step;
}

std::vector<CellStep> CellSteps::make(std::size_t count) {
    std::vector<CellStep> out;
    while (out.size() < count) out.push_back(step());
    return out;
}

}  // namespace nmstore::testing
