// nm-tool count: how many lines match, or what a counter stands at.
#include <memory>

#include "tools/command.h"
#include "tools/completeness_remark.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

struct CountOptions {
    LineOptions lines;
    std::vector<std::string> counter;  // ROW [COLUMN]
};

int count_lines(Session& session, Source& source, const CountOptions& options) {
    // One bucket would do, but the total is exact whatever the step is.
    auto answer =
        source.histogram({query_text(options.lines), options.lines.from, options.lines.to, false, 0}, "", "");
    if (!answer.ok()) return session.fail(answer.error());
    const std::string total = std::to_string(answer->histogram.total);
    session.out.line(session.options.json ? "{\"count\":" + total + "}" : total);
    return finish_answer(session, answer->completeness, answer->histogram.total > 0);
}

int show_counters(Session& session, Source& source, const CountOptions& options) {
    auto counters = source.counters(options.counter[0]);
    if (!counters.ok()) return session.fail(counters.error());
    const bool one = options.counter.size() > 1;
    bool found = false;
    for (const Counter& counter : counters.value()) {
        if (one && counter.column != options.counter[1]) continue;
        found = true;
        const std::string value = std::to_string(counter.value);
        if (session.options.json) {
            session.out.line("{\"row\":" + json_string(options.counter[0]) +
                             ",\"column\":" + json_string(counter.column) + ",\"value\":" + value + "}");
        } else {
            session.out.line(one ? value : visible_text(counter.column) + " " + value);
        }
    }
    return found ? exit_ok : exit_nothing;
}

int run_count(Session& session, const CountOptions& options) {
    if (const auto checked = check_times(options.lines.from, options.lines.to); !checked.ok())
        return session.fail(checked.error());
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    return options.counter.empty() ? count_lines(session, *source.value(), options)
                                   : show_counters(session, *source.value(), options);
}

}  // namespace

void declare_count(CLI::App& root, Action& action) {
    auto options = std::make_shared<CountOptions>();
    CLI::App* command = root.add_subcommand("count", "Count the lines that match, or show a row's counters");
    declare_line_options(*command, options->lines, true);
    command
        ->add_option("--counter", options->counter,
                     "Show the counters of this row, or the one of this column, instead")
        ->expected(1, 2)
        ->type_name("ROW [COLUMN]");
    command->footer(
        "Examples:\n"
        "  nm-tool count error --from -1d\n"
        "  nm-tool count --counter connections connections-total");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_count(session, *options); };
    });
}

}  // namespace nmstore::tools
