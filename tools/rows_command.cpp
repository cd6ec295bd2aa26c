// nm-tool rows: the families of a store, or the row keys of one.
#include <memory>

#include "tools/command.h"
#include "tools/interruption.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::uint64_t kRowsPage = 1000;

struct RowsOptions {
    std::string family, prefix;
    std::uint64_t limit = 0;
    bool counters = false;
};

bool write_name(Session& session, const char* what, const std::string& name) {
    const bool json = session.options.json;
    return session.out.line(json ? std::string("{\"") + what + "\":" + json_string(name) + "}"
                                 : visible_text(name));
}

int list_families(Session& session, Source& source) {
    const auto families = source.families();
    if (!families.ok()) return session.fail(families.error());
    for (const auto& family : families.value()) write_name(session, "family", family);
    return exit_ok;
}

int list_rows(Session& session, Source& source, const RowsOptions& options) {
    std::string from;
    std::uint64_t written = 0;
    do {
        const std::uint64_t page_limit =
            options.limit == 0 ? kRowsPage : std::min<std::uint64_t>(kRowsPage, options.limit - written);
        const auto page = options.counters ? source.counter_rows(options.prefix, from, page_limit)
                                           : source.rows(options.family, options.prefix, from, page_limit);
        if (!page.ok()) return session.fail(page.error());
        for (const auto& row : page.value().rows) {
            if (!write_name(session, "row", row)) return exit_ok;
            ++written;
        }
        from = page.value().next;
        if (interrupted()) return exit_interrupted;
    } while (!from.empty() && (options.limit == 0 || written < options.limit));
    return written > 0 ? exit_ok : exit_nothing;
}

int run_rows(Session& session, const RowsOptions& options) {
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    if (options.family.empty() && !options.counters) return list_families(session, *source.value());
    return list_rows(session, *source.value(), options);
}

}  // namespace

void declare_rows(CLI::App& root, Action& action) {
    auto options = std::make_shared<RowsOptions>();
    CLI::App* command = root.add_subcommand("rows", "List the rows of a family, or the families");
    command->add_option("family", options->family, "The family; none: list the families");
    command->add_option("--prefix", options->prefix, "Only rows whose key begins so");
    command->add_option("--limit,-n", options->limit, "At most so many; 0: all")
        ->check(whole_number)
        ->capture_default_str();
    command->add_flag("--counters", options->counters, "List the rows that have counters instead");
    command->footer(
        "Examples:\n"
        "  nm-tool rows\n"
        "  nm-tool rows CFLongType --prefix 10.0.0.1:logs:");
    command->callback(
        [options, &action] { action = [options](Session& session) { return run_rows(session, *options); }; });
}

}  // namespace nmstore::tools
