// nm-tool get: the columns of a row, as they are stored.
#include <memory>

#include "tools/command.h"
#include "tools/interruption.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::uint64_t kCellsPage = 1000;

struct GetOptions {
    RowQuery row;
    std::uint64_t limit = kDefaultPage;
};

std::string cell_text(const Session& session, const Cell& cell) {
    if (!session.options.json) return visible_text(cell.column) + "\t" + visible_text(cell.value);
    std::string text = "{\"column\":" + json_string(cell.column) + ",\"value\":" + json_string(cell.value);
    if (cell.expires_at_ms != 0) text += ",\"expires\":" + std::to_string(cell.expires_at_ms);
    return text + "}";
}

int run_get(Session& session, const GetOptions& options) {
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    RowQuery query = options.row;
    std::uint64_t written = 0;
    while (true) {
        query.limit =
            options.limit == 0 ? kCellsPage : std::min<std::uint64_t>(kCellsPage, options.limit - written);
        const auto page = source.value()->row(query);
        if (!page.ok()) return session.fail(page.error());
        for (const Cell& cell : page.value().cells) {
            if (!session.out.line(cell_text(session, cell))) return exit_ok;
            ++written;
        }
        if (interrupted()) return exit_interrupted;
        if (!page.value().next || (options.limit != 0 && written >= options.limit)) break;
        query.from = *page.value().next;
    }
    return written > 0 ? exit_ok : exit_nothing;
}

}  // namespace

void declare_get(CLI::App& root, Action& action) {
    auto options = std::make_shared<GetOptions>();
    CLI::App* command = root.add_subcommand("get", "Show a row's columns, as stored");
    command->add_option("family", options->row.family, "The family")->required();
    command->add_option("row", options->row.row, "The row's key")->required();
    command->add_option("--from", options->row.from, "Begin at this column (inclusive)")->type_name("COLUMN");
    command->add_option("--to", options->row.to, "End at this column (inclusive)")->type_name("COLUMN");
    command->add_flag("--reverse", options->row.reverse,
                      "From the greatest column down; --from is then the greater end");
    command->add_option("--limit,-n", options->limit, "At most so many columns; 0: all")
        ->check(whole_number)
        ->capture_default_str();
    command->footer(
        "Examples:\n"
        "  nm-tool get CFUTF8Type clients\n"
        "  nm-tool get CFLongType 10.0.0.1:logs:_var_log_syslog:2011:5:22 --reverse --limit 5 --json");
    command->callback(
        [options, &action] { action = [options](Session& session) { return run_get(session, *options); }; });
}

}  // namespace nmstore::tools
