// nm-tool compact: all background tidying, now.
#include "tools/command.h"
#include "tools/work_report.h"

namespace nmstore::tools {

void declare_compact(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("compact", "Make everything as small and quick as it can be, now");
    command->footer(
        "A server does this by itself for days that are over (--compact-after). Writers and searches go on "
        "meanwhile. Ctrl-C\nstops it; what was done so far stays done. One at a time: a second one is refused.\n\nExamples:\n"
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
