// What is done to a store in an oracle test: a list of steps that can be done again without some of them, and
// the plain model of what the store then holds.
#pragma once

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "nmstore/day_row.h"
#include "nmstore/escape.h"
#include "tests/engine/open_store.h"
#include "tests/model/store_model.h"

namespace nmstore::testing {

using OracleRandom = std::mt19937_64;

inline std::size_t oracle_below(OracleRandom& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}
template <class List>
const auto& oracle_pick(OracleRandom& random, const List& list) {
    return list[oracle_below(random, std::size(list))];
}

inline constexpr std::int64_t kOracleMorning = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC
inline constexpr std::int64_t kOracleDayMs = 86'400'000;
inline constexpr char kFieldsBehind = '\x1f';  // in the model: text, this, fields

struct OracleStep {
    enum Kind { append, put, remove_cell, remove_row, seal, compact, reopen, advance } kind = append;
    std::string client, log, row;
    std::int64_t time_ms = 0;  // advance: so many milliseconds
    std::string text, fields;  // put: the value
    std::int64_t ttl = 0;
    bool commit = true;  // append and put: with what follows, if false

    std::string shown() const {
        static constexpr const char* kNames[] = {"append", "put",     "remove_cell", "remove_row",
                                                 "seal",   "compact", "reopen",      "advance"};
        std::string out = kNames[kind];
        if (!row.empty()) out += " " + row;
        if (!log.empty()) out += " " + client + " " + log;
        out += " " + std::to_string(time_ms) + " [";
        for (const char c : text.substr(0, 300)) {
            char hex[8];
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && byte < 0x7f) {
                out += c;
            } else {
                std::snprintf(hex, sizeof hex, "\\x%02x", byte);
                out += hex;
            }
        }
        return out + "]" + fields + (ttl != 0 ? " ttl " + std::to_string(ttl) : "") + (commit ? "" : " …");
    }
};

// Makes steps. Lines are of every kind that the block format treats differently.
class OracleWriter {
  public:
    explicit OracleWriter(OracleRandom& random) : random_(random), templates_(below(4) == 0) {}

    // Some lines and cells in some batches.
    void write(std::vector<OracleStep>& steps, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t what = below(100);
            OracleStep step;
            if (what < 70) {
                for (std::size_t n = 1 + below(12); n > 0; --n) {
                    step = line();
                    step.commit = n == 1 || below(20) == 0;
                    steps.push_back(step);
                }
                continue;
            }
            if (what < 93) {
                for (std::size_t n = 1 + below(6); n > 0; --n) {
                    step = cell();
                    step.commit = n == 1;
                    steps.push_back(step);
                }
                continue;
            }
            step.row = oracle_pick(random_, kRows);
            step.time_ms = time();
            step.kind = what < 98 ? OracleStep::remove_cell : OracleStep::remove_row;
            if (step.kind == OracleStep::remove_row && below(3) != 0) continue;
            steps.push_back(step);
        }
    }

  private:
    inline static const std::vector<std::string> kRows{
        "web1:logs:_var_log_syslog:2011:5:22", "web1:logs:_var_log_syslog:2011:5:23",
        "db7:plugins:cpu:2011:5:22", "db7:logs:app:2011:5:22", "alerts:2011:5:22"};
    inline static const std::vector<std::string> kWords{
        "error", "WARN", "info", "user", "failed", "Failed", "password", "for",   "from", "connection",
        "disk",  "Grün", "GRÜN", "ſo",   "Kelvin", "level",  "request",  "reset", "日本"};

    std::size_t below(std::size_t limit) { return oracle_below(random_, limit); }
    const std::string& word() { return oracle_pick(random_, kWords); }
    std::string number() {
        static constexpr std::size_t kLimits[] = {10, 10, 100, 1000, 100'000, 10'000'000'000};
        return std::to_string(below(oracle_pick(random_, kLimits)));
    }
    std::string padded(std::size_t width) {
        const std::string digits = number();
        return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
    }

    // Mostly going on, often the same millisecond, sometimes late, sometimes the next day.
    std::int64_t time() {
        if (below(10) != 0) last_ms_ += static_cast<std::int64_t>(below(4) == 0 ? below(60'000) : below(2));
        if (last_ms_ >= 2 * kOracleDayMs) last_ms_ = 0;
        const std::int64_t late = below(12) == 0 ? static_cast<std::int64_t>(below(100'000)) : 0;
        const std::int64_t far = below(15) == 0 ? kOracleDayMs - 5 : 0;
        return kOracleMorning + std::clamp<std::int64_t>(last_ms_ - late + far, 0, 2 * kOracleDayMs - 1);
    }

    std::string clock() {
        return padded(2) + ":" + padded(2) + ":" + padded(2) + (below(2) == 0 ? "," + padded(3) : "");
    }

    std::string text() {
        if (templates_ && below(2) == 0) return many_templates();
        switch (below(15)) {
            case 0:
                return "connection reset by peer";
            case 1:
                return clock() + " ERROR task " + number() + ".0 in stage " + padded(5) + " failed";
            case 2:
                return "Failed password for " + word() + " from 10.0." + number() + ".7 port " + number();
            case 3:
                return "level=warn user=u" + number() + " took=" + number() + " msg=\"disk " + number() +
                       "\"";
            case 4:
                return R"({"level":"info","id":)" + number() + R"(,"user":{"name":")" + word() + number() +
                       R"("},"took":)" + number() + ".5}";
            case 5:
                return "";
            case 6:
                return std::string("\xff\xfe", 2) + word() + " \xc3 " + number() + std::string(1, '\0');
            case 7:
                return "blk_-" + number() + number() + " of /10.250.10." + number() + ":50010 " + word();
            case 8:
                return std::string(1 + below(3000), 'x') + " " + word() + " " + number();
            case 9:
                return padded(6) + " " + padded(3) + " " + padded(12);
            case 10:
                return "id " + hex(8) + "-" + hex(4) + " " + word();
            case 11:
                return many_words();
            case 12:
                return "\x01\x02 " + word() + "_" + number() + "\ttab " + word();
            case 13:
                return "counter " + std::to_string(++counter_) + " at " + std::to_string(last_ms_);
            default:
                return word() + " " + word() + " " + number();
        }
    }
    std::string hex(std::size_t digits) {
        std::string out;
        for (std::size_t i = 0; i < digits; ++i) out += "0123456789abcdef"[below(16)];
        return out;
    }
    std::string many_templates() {
        std::string out;
        for (std::size_t i = 1 + below(5); i > 0; --i) {
            for (std::size_t n = 1 + below(6); n > 0; --n) out += static_cast<char>('a' + below(26));
            out += " " + (below(3) == 0 ? number() : std::string());
        }
        return out;
    }
    std::string many_words() {
        std::string out;
        for (std::size_t i = below(600); i > 0; --i) out += "w" + number() + " ";
        return out;
    }

    OracleStep line() {
        OracleStep step;
        step.client = below(3) == 0 ? "db7" : "web1";
        step.log = step.client == "db7" ? "app" : "/var/log/syslog";
        step.time_ms = time();
        step.text = text();
        if (below(6) == 0)
            step.fields =
                R"({"user":")" + word() + R"(","took":)" + number() + R"(,"level":")" + word() + "\"}";
        return step;
    }
    OracleStep cell() {
        OracleStep step;
        step.kind = OracleStep::put;
        step.row = oracle_pick(random_, kRows);
        step.time_ms = time();
        if (below(4) == 0) step.ttl = static_cast<std::int64_t>(1 + below(200));
        if (step.row.find(":plugins:") != std::string::npos && below(3) != 0) {
            step.text =
                escape(R"({"date":)" + std::to_string(step.time_ms) + R"(,"value":")" + number() + "\"}");
            return step;
        }
        std::string returned;
        for (std::size_t i = below(4); i > 0; --i)
            returned += word() + " " + number() + (below(3) == 0 ? "" : "\\n");
        step.text = R"({"date":)" + std::to_string(step.time_ms) + R"(,"returned":")" + returned + "\"}";
        for (std::size_t i = below(3); i > 0; --i) step.text = escape(step.text);
        if (below(15) == 0) step.text = text();
        return step;
    }

    OracleRandom& random_;
    bool templates_;
    std::int64_t last_ms_ = 0;
    std::uint64_t counter_ = 0;
};

// A store and its model, on which steps are done.
class OracleStore {
  public:
    explicit OracleStore(const SealingOptions& sealing) : store(sealing) {}

    // A commit that a step asks for is made also where the steps end or another kind of step follows.
    void apply(const OracleStep& step) {
        if (step.kind != OracleStep::append) finish(lines_);
        if (step.kind != OracleStep::put) finish(cells_);
        switch (step.kind) {
            case OracleStep::append:
                append(step);
                break;
            case OracleStep::put:
                put(step);
                break;
            case OracleStep::remove_cell:
                must(store->remove_cell("CFLongType", step.row, std::to_string(step.time_ms)));
                rows[step.row].posted.erase(step.time_ms);
                rows[step.row].appended.erase(step.time_ms);
                break;
            case OracleStep::remove_row:
                must(store->remove_row("CFLongType", step.row));
                rows.erase(step.row);
                break;
            case OracleStep::seal:
                must(store->seal());
                break;
            case OracleStep::compact:
                must(store->compact());
                break;
            case OracleStep::reopen:
                step.time_ms == 0 ? store.reopen() : store.reopen_after_crash();
                break;
            case OracleStep::advance:
                store.clock.advance(step.time_ms);
                break;
        }
    }
    void finish() {
        finish(lines_);
        finish(cells_);
    }

    OpenedStore store;
    std::map<std::string, ModelTimeRow> rows;

  private:
    void append(const OracleStep& step) {
        if (!lines_) lines_ = store->begin_lines();
        must(lines_->append({step.client, step.log, step.time_ms, step.text, step.fields}));
        const std::string key =
            format_day_row({step.client, RowKind::logs, log_key_name(step.log), day_of(step.time_ms)});
        rows[key].appended[step.time_ms].push_back(step.text + kFieldsBehind + step.fields);
        if (step.commit) finish(lines_);
    }
    void put(const OracleStep& step) {
        if (!cells_) cells_ = must(store->begin_cells("CFLongType"));
        must(cells_->put(step.row, std::to_string(step.time_ms), step.text, step.ttl));
        rows[step.row].posted[step.time_ms] = {step.text,
                                               step.ttl == 0 ? 0 : store.clock.now_ms() + step.ttl * 1000};
        if (step.commit) finish(cells_);
    }
    template <class Batch>
    void finish(std::unique_ptr<Batch>& batch) {
        if (batch) must(batch->commit());
        batch.reset();
    }

    std::unique_ptr<LineBatch> lines_;
    std::unique_ptr<CellBatch> cells_;
};

}  // namespace nmstore::testing
