// nm-tool series: what plugins measured, step by step, or the fields that they measure.
#include <array>
#include <charconv>
#include <memory>

#include "query/time_text.h"
#include "tools/command.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

struct SeriesOptions {
    SeriesQuery query;
    bool fields = false;
    bool csv = false;
};

constexpr std::array<const char*, 5> kColumns{"time", "min", "mean", "max", "count"};

std::string number_text(double number) {
    std::array<char, 32> text{};
    const auto [end, problem] = std::to_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() ? std::string(text.data(), end) : std::string();
}

// A text in a table of commas: in quotes where it must be.
std::string csv_text(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + "\"";
}

Result<void> check(const SeriesQuery& query) {
    NM_TRY(check_times(query.from, query.to));
    if (!query.step.empty()) NM_TRY(query::parse_duration_ms(query.step));
    return {};
}

std::array<std::string, kColumns.size()> texts_of(const query::SeriesPoint& point) {
    return {query::format_time(point.time_ms), number_text(point.min), number_text(point.mean),
            number_text(point.max), std::to_string(point.count)};
}

bool write_json(Session& session, const query::Series& series) {
    const std::string names = "{\"client\":" + json_string(series.client) +
                              ",\"plugin\":" + json_string(series.plugin) +
                              ",\"field\":" + json_string(series.field) + ",\"time\":";
    for (const query::SeriesPoint& point : series.points) {
        const bool written =
            session.out.line(names + std::to_string(point.time_ms) + ",\"min\":" + number_text(point.min) +
                             ",\"mean\":" + number_text(point.mean) + ",\"max\":" + number_text(point.max) +
                             ",\"count\":" + std::to_string(point.count) + "}");
        if (!written) return false;
    }
    return true;
}

bool write_csv(Session& session, const query::Series& series) {
    const std::string names =
        csv_text(series.client) + "," + csv_text(series.plugin) + "," + csv_text(series.field);
    for (const query::SeriesPoint& point : series.points) {
        std::string line = names;
        for (const std::string& text : texts_of(point)) line += "," + text;
        if (!session.out.line(line)) return false;
    }
    return true;
}

bool write_table(Session& session, const query::Series& series, bool first) {
    if (!first && !session.out.line("")) return false;
    const std::string title =
        visible_text(series.client) + " " + visible_text(series.plugin) + " " + visible_text(series.field);
    if (!session.out.line(session.colored() ? std::string(kCyan) + title + std::string(kPlain) : title))
        return false;
    std::vector<std::array<std::string, kColumns.size()>> lines{{}};
    for (std::size_t i = 0; i < kColumns.size(); ++i) lines.front()[i] = kColumns[i];
    for (const query::SeriesPoint& point : series.points) lines.push_back(texts_of(point));
    std::array<std::size_t, kColumns.size()> widths{};
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    for (const auto& line : lines) {
        std::string text = line.front() + std::string(widths.front() - line.front().size(), ' ');
        for (std::size_t i = 1; i < line.size(); ++i)
            text += "  " + std::string(widths[i] - line[i].size(), ' ') + line[i];
        if (!session.out.line(text)) return false;
    }
    return true;
}

int show_series(Session& session, Source& source, const SeriesOptions& options) {
    const auto answer = source.series(options.query);
    if (!answer.ok()) return session.fail(answer.error());
    if (options.csv && !session.out.line("client,plugin,field,time,min,mean,max,count")) return exit_ok;
    bool first = true;
    for (const query::Series& series : answer->series) {
        const bool written = session.options.json ? write_json(session, series)
                             : options.csv        ? write_csv(session, series)
                                                  : write_table(session, series, first);
        if (!written) break;
        first = false;
    }
    return answer->series.empty() ? exit_nothing : exit_ok;
}

int show_fields(Session& session, Source& source, const SeriesOptions& options) {
    SeriesQuery query = options.query;
    if (query.from.empty()) query.from = "-7d";
    const auto answer = source.series_fields(query);
    if (!answer.ok()) return session.fail(answer.error());
    for (const query::SeriesFields& each : answer.value()) {
        for (const std::string& field : each.fields) {
            std::string line;
            if (session.options.json) {
                line = "{\"client\":" + json_string(each.client) + ",\"plugin\":" + json_string(each.plugin) +
                       ",\"field\":" + json_string(field) + "}";
            } else if (options.csv) {
                line = csv_text(each.client) + "," + csv_text(each.plugin) + "," + csv_text(field);
            } else {
                line =
                    visible_text(each.client) + " " + visible_text(each.plugin) + " " + visible_text(field);
            }
            if (!session.out.line(line)) return exit_ok;
        }
    }
    return answer->empty() ? exit_nothing : exit_ok;
}

int run_series(Session& session, const SeriesOptions& options) {
    if (const auto checked = check(options.query); !checked.ok()) return session.fail(checked.error());
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    return options.fields ? show_fields(session, *source.value(), options)
                          : show_series(session, *source.value(), options);
}

}  // namespace

void declare_series(CLI::App& root, Action& action) {
    auto options = std::make_shared<SeriesOptions>();
    SeriesQuery& query = options->query;
    CLI::App* command =
        root.add_subcommand("series", "Show what plugins measured: least, mean and greatest of each step");
    command
        ->add_option("--client", query.clients,
                     "Of this client (or its tag); '*' and '?' stand for any text, any character. May be "
                     "given several times, as may --plugin and --field")
        ->type_name("GLOB")
        ->check(not_empty);
    command->add_option("--plugin", query.plugins, "Of this plugin")->type_name("GLOB")->check(not_empty);
    command
        ->add_option("--field", query.fields,
                     "This field of the plugin's values, as \"value\" or \"disk.used\"; none: all")
        ->type_name("GLOB")
        ->check(not_empty);
    command->add_option("--from", query.from, "Not before this time")->type_name(kTimeType);
    command->add_option("--to", query.to, "Before this time")->type_name(kTimeType);
    command->add_option("--step", query.step, "How long a step is (30s, 5m, 1h, 1d); none: a fitting one")
        ->type_name("DURATION");
    command->add_flag(
        "--fields", options->fields,
        "List the fields that the newest values have instead (of the last 7 days, unless told)");
    command->add_flag("--csv", options->csv, "Write a table of commas, with a header");
    command->footer(
        "A step without readings has no line.\n\nExamples:\n"
        "  nm-tool series --client 10.0.0.1 --fields\n"
        "  nm-tool series --client 10.0.0.1 --plugin cpu --field value --from -1d --step 1h\n"
        "  nm-tool series --client '10.0.0.*' --plugin disk --field '*.used' --from -30d --csv");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_series(session, *options); };
    });
}

}  // namespace nmstore::tools
