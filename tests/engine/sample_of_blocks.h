// What the sample store in tests/compat/version-3 holds, which the first version with blocks has written: a
// great block of lines, a small tight one, blocks of posted cells that partly expire, entries, a counter and
// an index.
#pragma once

#include <cstdio>
#include <string>

#include "nmstore/escape.h"
#include "tests/engine/open_store.h"

namespace nmstore::testing {

struct SampleOfBlocks {
    static constexpr std::int64_t kMorning = 1'308'700'800'000;  // 2011-06-22
    static constexpr int kLines = 2400;
    static constexpr int kTightLines = 300;
    static constexpr int kCells = 60;
    static constexpr int kFresh = 3;
    static constexpr const char* kLog = "10.0.0.1:logs:_var_log_syslog:2011:5:22";
    static constexpr const char* kTight = "10.0.0.2:logs:app:2011:5:22";
    static constexpr const char* kPosted = "10.0.0.3:logs:_var_log_agent:2011:5:22";
    static constexpr const char* kPlugin = "10.0.0.3:plugins:cpu:2011:5:22";
    static constexpr std::int64_t kTtl = 86'400;

    static std::int64_t time_of(int i) { return kMorning + std::int64_t{137} * i; }
    static std::uint64_t noise(int i) {
        std::uint64_t state = static_cast<std::uint64_t>(i) * 6364136223846793005u + 1442695040888963407u;
        state ^= state >> 29;
        return state * 0xbf58476d1ce4e5b9u;
    }
    static std::string print(const char* format, auto... values) {
        char text[256];
        std::snprintf(text, sizeof text, format, values...);
        return text;
    }

    // Values of every kind that columns of the first blocks have encodings for.
    static std::string line(int i) {
        const auto random = static_cast<unsigned long long>(noise(i));
        const long long ms = time_of(i);
        const long long second = ms / 1000 % 86'400;
        switch (i % 9) {
            case 0:
                return print(
                    "Jun 22 %02lld:%02lld:%02lld host sshd[%llu]: Failed password for user%d from 10.0.0.%d",
                    second / 3600, second / 60 % 60, second % 60, random % 65536, i % 13, i % 256);
            case 1:
                return print("Received block blk_%llu of size %d", random, i * 7);
            case 2:
                return print("request %016llx answered in %llu ms", random, random % 1000);
            case 3:
                return print("job %05d of batch %d done", i, 90'000 - i);
            case 4:
                return "connection reset by peer";
            case 5:
                return print("at %lld it was %lld", ms, ms / 1000);
            case 6:
                return print(
                    "Gr\xc3\xb6\xc3\x9f"
                    "e %d, state S%d\t\x01\x02",
                    i % 5, i % 3);
            case 7: {  // so many that the block is not one value
                std::string text = "dump";
                for (int part = 0; part < 13; ++part)
                    text +=
                        print(" %016llx", static_cast<unsigned long long>(noise(13 * i + part + 100'000)));
                return text;
            }
            default:
                return print("request %016llx of user%d repeated",
                             static_cast<unsigned long long>(noise(i - 6)), i % 13);
        }
    }
    static std::string fields(int i) {
        return i % 9 == 3 ? print("{\"user\":\"u%d\",\"took\":%d}", i % 7, i) : "";
    }

    // An agent's object, escaped; every fifth ends in half a line, and the next one goes on with it.
    static std::string posted(int i) {
        const std::string text =
            print("entry %d of the agent\\nand %d", i, i * i) + (i % 5 == 2 ? "" : "\\n");
        return escape(
            print("{\"date\":%lld,\"returned\":\"%s\"}", static_cast<long long>(time_of(i)), text.c_str()));
    }
    static std::string reading(int i) {
        return print("{\"date\":%lld,\"value\":\"%d\"}", static_cast<long long>(time_of(i)), i * 3 % 100);
    }
};

}  // namespace nmstore::testing
