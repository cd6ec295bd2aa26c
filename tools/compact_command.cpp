// nm-tool compact: all background tidying, now.
#include "tools/command.h"
#include "tools/work_report.h"

namespace nmstore::tools {

void declare_compact(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("compact", "Do all compaction now");
    command->footer(
        "Ctrl-C stops it; what was done so far stays done.\n\nExamples:\n"
        "  nm-tool compact\n"
        "  nm-tool compact --data /var/lib/nm-store");
    command->callback([&action] {
        action = [](Session& session) {
            const Work compact = [](Source& source, const Progress& progress) {
                return source.compact(progress);
            };
            return finish_work(session, "compacted", do_work(session, Access::write, compact));
        };
    });
}

}  // namespace nmstore::tools
