// nm-tool reindex: makes the word filters, and what else blocks hold that is derived from their lines, anew.
#include <memory>

#include "tools/command.h"
#include "tools/line_options.h"
#include "tools/work_report.h"

namespace nmstore::tools {
namespace {

int run_reindex(Session& session, const ReindexSelection& selection) {
    const Result<void> times = check_times(selection.from, selection.to);
    if (!times.ok()) return session.fail(times.error());
    const Work reindex = [&](Source& source, const Progress& progress) {
        return source.reindex(selection, progress);
    };
    return finish_work(session, "reindexed", do_work(session, Access::write, reindex));
}

}  // namespace

void declare_reindex(CLI::App& root, Action& action) {
    CLI::App* command =
        root.add_subcommand("reindex", "Make word filters and summaries of blocks anew where they are wrong");
    const auto selection = std::make_shared<ReindexSelection>();
    command->add_flag("--all", selection->all,
                      "Make those of all blocks anew, not only where they are wrong");
    command->add_option("--client", selection->client, "Rows of these clients only (glob)")
        ->type_name("GLOB")
        ->check(not_empty);
    command->add_option("--log", selection->log, "Rows of these logs or plugins only (glob)")
        ->type_name("GLOB")
        ->check(not_empty);
    command->add_option("--kind", selection->kind, "Rows of this kind only")
        ->type_name("KIND")
        ->check(CLI::IsMember({"logs", "plugins", "alerts", "other"}));
    command->add_option("--family", selection->family, "Rows of this family only")
        ->type_name("FAMILY")
        ->check(not_empty);
    command->add_option("--row", selection->row, "The row with this key only")
        ->type_name("KEY")
        ->check(not_empty);
    command->add_option("--from", selection->from, "Rows that may have lines at or after this time")
        ->type_name(kTimeType);
    command->add_option("--to", selection->to, "Rows that may have lines before this time")
        ->type_name(kTimeType);
    command->footer(
        "Reads every block of these rows, and puts one with the same lines in the place of each in which "
        "something\nthat is derived from its lines is wrong. What it cannot mend is named; it then ends with "
        "4.\nCtrl-C stops it; what was done so far stays done, and --all over everything goes on from "
        "there.\n\nExamples:\n"
        "  nm-tool reindex\n"
        "  nm-tool reindex --all --client '10.0.0.*' --from -7d\n"
        "  nm-tool reindex --data /var/lib/nm-store");
    command->callback([&action, selection] {
        action = [selection](Session& session) { return run_reindex(session, *selection); };
    });
}

}  // namespace nmstore::tools
