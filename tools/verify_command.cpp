// nm-tool verify: reads everything that is stored and tells what cannot be read.
#include "tools/command.h"
#include "tools/work_report.h"

namespace nmstore::tools {

void declare_verify(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("verify", "Read the whole store and report damage");
    command->footer(
        "Changes nothing. Ends with 4 if something is damaged.\n\nExamples:\n"
        "  nm-tool verify\n"
        "  nm-tool verify --json --data /var/lib/nm-store");
    command->callback([&action] {
        action = [](Session& session) {
            return run_work(session, Access::read, "verified",
                            [](Source& source, const Progress& progress) { return source.verify(progress); });
        };
    });
}

}  // namespace nmstore::tools
