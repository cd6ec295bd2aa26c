// generate_logs: realistic logs on standard output, any number of lines, the same for the same seed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "benchmarks/agent_body.h"
#include "benchmarks/log_generator.h"

namespace {

using namespace nmstore::benchmarks;

constexpr std::size_t kWriteBytes = std::size_t{1} << 16;

struct Arguments {
    std::uint64_t lines = 100'000;
    std::string format = "text";
    std::size_t body_cells = 1000;
    std::int64_t cell_ms = 1000;
    GeneratorOptions generator;
};

void flush(std::string& out) {
    std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
}

void append_json_line(const GeneratedLine& line, std::string& out) {
    // The pieces in their order, so that the output is the same everywhere.
    out += R"({"_time":)" + std::to_string(line.time_ms) + R"(,"host":")";
    out.append(line.client).append(R"(","log":")").append(line.log).append(R"(","_msg":)");
    out += nlohmann::json(line.text).dump() + "}\n";
}

void run(const Arguments& arguments) {
    LogGenerator generator(arguments.generator);
    AgentBody body(arguments.cell_ms);
    std::string out;
    for (std::uint64_t i = 0; i < arguments.lines && !std::ferror(stdout); ++i) {
        const GeneratedLine& line = generator.next();
        if (arguments.format == "bulk") {
            body.add(line);
            if (body.cells() >= arguments.body_cells) out += body.take() + "\n";
        } else if (arguments.format == "ndjson") {
            append_json_line(line, out);
        } else {
            out.append(line.text) += '\n';
        }
        if (out.size() >= kWriteBytes) flush(out);
    }
    if (arguments.format == "bulk") out += body.take() + "\n";
    flush(out);
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Writes realistic logs to standard output: sshd, kernel, web, json, kv, storage.");
    app.add_option("--lines", arguments.lines, "Number of lines")->capture_default_str();
    app.add_option("--format", arguments.format,
                   "text; ndjson: JSON lines for POST /api/v1/logs; bulk: one agent's bulk body a line")
        ->check(CLI::IsMember({"text", "ndjson", "bulk"}))
        ->capture_default_str();
    std::vector<std::string> names;
    for (const auto& kind : log_kinds()) names.emplace_back(kind.name);
    app.add_option("--kind", arguments.generator.kinds, "Only these kinds (may be repeated)")
        ->check(CLI::IsMember(names));
    app.add_option("--seed", arguments.generator.seed, "The same seed gives the same lines")
        ->capture_default_str();
    app.add_option("--clients", arguments.generator.clients, "Number of machines")
        ->check(CLI::Range(1, 60'000))
        ->capture_default_str();
    app.add_option("--start-ms", arguments.generator.start_ms, "Time of the first line")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--step-us", arguments.generator.step_us, "Mean time between two lines")
        ->capture_default_str();
    app.add_option("--body-cells", arguments.body_cells, "Cells of one bulk body, about")
        ->capture_default_str();
    app.add_option("--cell-ms", arguments.cell_ms, "Lines of a log within this time share a cell")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    run(arguments);
    return std::ferror(stdout) ? 1 : 0;
}
