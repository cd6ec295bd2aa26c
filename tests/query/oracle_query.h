// Random queries as a person could type them, about lines that are there, and random questions.
#pragma once

#include <cctype>

#include "tests/query/oracle_answer.h"

namespace nmstore::testing {

class OracleAsker {
  public:
    OracleAsker(OracleRandom& random, const std::vector<OracleLine>& lines)
        : random_(random), lines_(lines) {}

    std::string query(std::size_t depth) {
        if (depth == 0 || below(3) == 0) return term();
        switch (below(5)) {
            case 0:
                return (below(2) == 0 ? "-(" : "NOT (") + query(depth - 1) + ")";
            case 1:
                return "(" + query(depth - 1) + ") OR (" + query(depth - 1) + ")";
            case 2:
                return query(0) + " -" + query(0);
            case 3:
                return query(depth - 1) + " AND " + query(depth - 1);
            default:
                return query(0) + " " + query(0);
        }
    }

    OracleQuestion question() {
        OracleQuestion question;
        static constexpr OracleQuestion::Kind kKinds[] = {
            OracleQuestion::pages,     OracleQuestion::pages,     OracleQuestion::stream,
            OracleQuestion::histogram, OracleQuestion::histogram, OracleQuestion::words,
            OracleQuestion::context};
        question.kind = oracle_pick(random_, kKinds);
        question.order = below(2) == 0 ? Order::ascending : Order::descending;
        if (below(2) == 0 && !lines_.empty()) {
            question.from_ms = oracle_pick(random_, lines_).time_ms;
            question.to_ms =
                question.from_ms + static_cast<std::int64_t>(below(2) == 0 ? below(50) : below(100'000'000));
        }
        static constexpr std::size_t kLimits[] = {3, 7, 20, 100, 1000};
        question.limit = oracle_pick(random_, kLimits);
        static constexpr std::int64_t kSteps[] = {0, 60'000, 3'600'000, 86'400'000, 100'000'000'000};
        question.step_ms = oracle_pick(random_, kSteps);
        static constexpr const char* kBy[] = {"",       "",    "",     "level", "level",
                                              "client", "log", "kind", "user",  "took"};
        question.by = oracle_pick(random_, kBy);
        question.line = below(1000);
        static constexpr std::size_t kMemory[] = {0, 0, 25'000, 80'000, 300'000};
        question.memory = oracle_pick(random_, kMemory);
        return question;
    }

  private:
    std::size_t below(std::size_t limit) { return oracle_below(random_, limit); }

    static bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

    // Some bytes or some words of a line, in valid UTF-8 and without what cannot be typed.
    std::string part(std::size_t longest) {
        if (lines_.empty() || below(12) == 0) return "nowhere" + std::to_string(below(1000));
        const OracleLine& line = oracle_pick(random_, lines_);
        const std::string& from = !line.fields.empty() && below(4) == 0 ? line.fields : line.text;
        if (from.empty()) return "error";
        std::size_t begin = below(from.size());
        std::size_t end = std::min(from.size(), begin + 1 + below(longest));
        if (below(3) != 0) {
            WordScanner scanner(from);
            std::vector<WordAt> words;
            for (WordAt at; words.size() < 40 && scanner.next(at);) words.push_back(at);
            if (!words.empty()) {
                const std::size_t first = below(words.size());
                begin = words[first].begin;
                end = words[std::min(words.size() - 1, first + below(below(2) == 0 ? 1 : 4))].end;
            }
        }
        while (begin > 0 && !begins_letter(from[begin])) --begin;
        while (end < from.size() && !begins_letter(from[end])) ++end;
        std::string text;
        for (const char c : from.substr(begin, std::min<std::size_t>(end - begin, 200))) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || c == '"' || c == '\\') break;
            text += c;
        }
        if (below(5) == 0) text = to_lower(text);
        return text.empty() ? "error" : text;
    }
    std::string word() {
        const std::string text = part(12);
        WordScanner scanner(text);
        WordAt at;
        return scanner.next(at) ? text.substr(at.begin, at.end - at.begin) : "user";
    }
    std::string number() {
        static constexpr std::size_t kLimits[] = {10, 100, 100'000};
        return std::to_string(below(oracle_pick(random_, kLimits)));
    }
    std::string regex() {
        static constexpr const char* kBetween[] = {"", ".*", "\\d+", "[a-z]*", ".?", "[^ ]+", "\\b", "|"};
        std::string out;
        for (std::size_t i = 1 + below(2); i > 0; --i) {
            for (const char c : word())
                out += std::isalnum(static_cast<unsigned char>(c)) != 0 || !begins_letter(c) ||
                               static_cast<unsigned char>(c) >= 0x80
                           ? std::string(1, c)
                           : std::string("\\") + c;
            out += oracle_pick(random_, kBetween);
        }
        static constexpr const char* kBare[] = {"[0-9]{3}", "^\\d\\d:", "[a-z]+_[0-9]", "x{20}",
                                                "\\.$",     "^$",       "[A-Z]{4} "};
        if (below(4) == 0) out = oracle_pick(random_, kBare);
        return "/" + out + (below(3) == 0 ? "/i" : "/");
    }
    std::string source() {
        static constexpr const char* kSources[] = {
            "client:web1", "client:db*", "client:\"\"",  "log:*syslog", "log:/var/log/syslog",
            "log:cpu",     "kind:logs",  "kind:plugins", "kind:alerts", "level:error",
            "level:warn",  "level:info", "level:\"\"",   "level:*"};
        return oracle_pick(random_, kSources);
    }
    std::string field() {
        static constexpr const char* kNames[] = {"user", "took", "level", "id", "user.name", "msg", "value"};
        const std::string name = oracle_pick(random_, kNames);
        switch (below(7)) {
            case 0:
                return name + ":*";
            case 1:
                return name + ":" + word();
            case 2:
                return name + "=" + (below(2) == 0 ? number() : word());
            case 3:
                return name + "!=" + number();
            case 4:
                return name + (below(2) == 0 ? ">" : "<=") + number();
            case 5:
                return name + ":[" + number() + " TO " + number() + "}";
            default:
                return name + ":\"" + part(20) + "\"";
        }
    }
    std::string term() {
        switch (below(14)) {
            case 0:
            case 1:
                return word();
            case 2:
            case 3:
                return "\"" + part(30) + "\"";
            case 4:
                return word() + "*";
            case 5:
                return "*" + word();
            case 6:
            case 7:
                return "*\"" + part(6) + "\"*";
            case 8:
                return word() + "*" + word();
            case 9:
                return "c\"" + part(12) + "\"";
            case 10:
                return regex();
            case 11:
                return source();
            case 12:
                return field();
            default:
                return below(4) == 0 ? "*" : word() + " " + word();
        }
    }

    OracleRandom& random_;
    const std::vector<OracleLine>& lines_;
};

}  // namespace nmstore::testing
