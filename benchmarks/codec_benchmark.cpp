// The block codec by itself: what a line costs to seal and to read back, and what it takes on disk, for each
// kind of log. Beside it zstd -1 of the same text, in the same run.
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "benchmarks/bench_store.h"
#include "engine/block/block.h"
#include "engine/block/filter.h"

namespace nmstore::benchmarks {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kStartMs = 1'767'571'200'000;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;  // of text, as the engine seals them
constexpr std::size_t kBlocks = 8;                         // of each log, spread over it
constexpr std::size_t kGeneratedLines = 100'000;

// One log as the blocks that it would become.
struct Sample {
    struct Part {
        std::vector<block::BlockLine> lines;
        std::string text;  // the same with newlines: what zstd is given
    };
    std::string content;
    std::vector<Part> parts;
    std::size_t lines = 0;
    std::size_t bytes = 0;
};

Sample cut(std::string content) {
    Sample sample;
    sample.content = std::move(content);
    std::vector<std::string_view> all;
    for (std::size_t at = 0; at < sample.content.size();) {
        const std::size_t end = std::min(sample.content.find('\n', at), sample.content.size());
        all.push_back(std::string_view(sample.content).substr(at, end - at));
        at = end + 1;
    }
    const std::size_t blocks = std::clamp<std::size_t>(sample.content.size() / kBlockBytes, 1, kBlocks);
    for (std::size_t b = 0; b < blocks; ++b) {
        Sample::Part& part = sample.parts.emplace_back();
        for (std::size_t i = all.size() * b / blocks; i < all.size() && part.text.size() < kBlockBytes; ++i) {
            const std::int64_t time_ms =
                kStartMs + kDayMs * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(all.size());
            part.lines.push_back({time_ms, i, 0, all[i], {}});
            part.text.append(all[i]).append(1, '\n');
        }
        sample.lines += part.lines.size();
        sample.bytes += part.text.size();
    }
    return sample;
}

std::string generate(const std::string& kind) {
    GeneratorOptions options;
    options.kinds = {kind};
    LogGenerator generator(options);
    std::string content;
    for (std::size_t i = 0; i < sized(kGeneratedLines, 2'000); ++i)
        content.append(generator.next().text).append(1, '\n');
    return content;
}

// The logs of NM_BENCHMARK_CORPUS (a directory of *.log), or our own; each is read when first asked for.
std::map<std::string, fs::path> known_logs() {
    std::map<std::string, fs::path> logs;
    if (const char* const directory = std::getenv("NM_BENCHMARK_CORPUS"); directory != nullptr) {
        for (const auto& entry : fs::directory_iterator(directory)) {
            if (entry.path().extension() == ".log") logs.emplace(entry.path().stem(), entry.path());
        }
    } else {
        for (const LogKindInfo& kind : log_kinds()) logs.emplace(kind.name, fs::path());
    }
    return logs;
}

const Sample& sample_of(const std::string& name, const fs::path& path) {
    static std::map<std::string, Sample> samples;
    const auto known = samples.find(name);
    if (known != samples.end()) return known->second;
    std::ostringstream content;
    if (!path.empty()) content << std::ifstream(path, std::ios::binary).rdbuf();
    return samples.emplace(name, cut(path.empty() ? generate(name) : std::move(content).str())).first->second;
}

std::size_t zstd_bytes(const std::string& text, int level) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    return ZSTD_compress(out.data(), out.size(), text.data(), text.size(), level);
}

std::string seal(const Sample::Part& part, int level) {
    block::BlockWriter writer;
    for (const block::BlockLine& line : part.lines) writer.add(line);
    return require(writer.finish({}, level));
}

void report(benchmark::State& state, const Sample& sample) {
    const auto rounds = static_cast<std::int64_t>(state.iterations());
    state.SetItemsProcessed(rounds * static_cast<std::int64_t>(sample.lines));
    state.SetBytesProcessed(rounds * static_cast<std::int64_t>(sample.bytes));
    state.counters["a_line"] =
        benchmark::Counter(static_cast<double>(sample.lines) * static_cast<double>(rounds),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void encode(benchmark::State& state, const Sample& sample, int level) {
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = 0;
        for (const Sample::Part& part : sample.parts) bytes += seal(part, level).size();
    }
    report(state, sample);
    std::size_t yardstick = 0;
    for (const Sample::Part& part : sample.parts) yardstick += zstd_bytes(part.text, 1);
    state.counters["bytes_a_line"] = static_cast<double>(bytes) / static_cast<double>(sample.lines);
    state.counters["of_zstd_1"] = static_cast<double>(bytes) / static_cast<double>(yardstick);
}

void zstd_1(benchmark::State& state, const Sample& sample) {
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = 0;
        for (const Sample::Part& part : sample.parts) bytes += zstd_bytes(part.text, 1);
    }
    report(state, sample);
    state.counters["bytes_a_line"] = static_cast<double>(bytes) / static_cast<double>(sample.lines);
}

// All blocks of a sample, read by `read`.
template <class Read>
void decode(benchmark::State& state, const Sample& sample, int level, Read read) {
    std::vector<std::string> blocks;
    for (const Sample::Part& part : sample.parts) blocks.push_back(seal(part, level));
    for (auto _ : state) {
        for (const std::string& stored : blocks) {
            const auto reader = require(block::open_block(stored));
            require(reader->read_directory());
            read(*reader);
        }
    }
    report(state, sample);
}

void all_lines(block::BlockReader& reader) {
    for (std::size_t i = 0; i < reader.lines(); ++i)
        benchmark::DoNotOptimize(require(reader.line(i)).text.data());
}
void directory_only(block::BlockReader& reader) {
    benchmark::DoNotOptimize(reader.columns());
}
// What a question of one field reads: the column of most values, and the templates of the lines.
void one_column(block::BlockReader& reader) {
    benchmark::DoNotOptimize(require(reader.numbers()));
    for (std::size_t column = 0; column < reader.columns(); ++column) {
        if (reader.template_of(column) != 0) break;
        benchmark::DoNotOptimize(require(reader.column(column)));
        break;
    }
}

void filter(benchmark::State& state) {
    std::vector<std::uint64_t> keys(static_cast<std::size_t>(state.range(0)));
    Random random(1);
    for (auto& key : keys) key = random.bits();
    std::size_t bytes = 0;
    for (auto _ : state) bytes = block::make_filter(keys).size();
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.counters["bytes_a_key"] = static_cast<double>(bytes) / static_cast<double>(keys.size());
}

bool register_all() {
    const auto add = [](const std::string& name, auto run) {
        benchmark::RegisterBenchmark(name.c_str(), run)->Unit(benchmark::kMillisecond);
    };
    for (const auto& [name, path] : known_logs()) {
        const auto with = [&add, log = name, from = path](const std::string& what, auto run) {
            add(what + "/" + log, [=](benchmark::State& state) { run(state, sample_of(log, from)); });
        };
        const auto reading = [&with](const std::string& what, int level, auto read) {
            with(what, [=](auto& state, auto& sample) { decode(state, sample, level, read); });
        };
        with("zstd_1", zstd_1);
        with("encode_1", [](auto& state, auto& sample) { encode(state, sample, block::kFastLevel); });
        with("encode_12", [](auto& state, auto& sample) { encode(state, sample, block::kTightLevel); });
        reading("open", block::kFastLevel, directory_only);
        reading("one_column", block::kFastLevel, one_column);
        reading("decode_1", block::kFastLevel, all_lines);
        reading("decode_12", block::kTightLevel, all_lines);
    }
    benchmark::RegisterBenchmark("filter", filter)->Arg(1000)->Arg(20'000)->Arg(200'000);
    return true;
}

const bool registered = register_all();

}  // namespace

}  // namespace nmstore::benchmarks
