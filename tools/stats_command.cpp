// nm-tool stats: the store's figures.
#include "tools/command.h"
#include "tools/work_report.h"

namespace nmstore::tools {

void declare_stats(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("stats", "Show the store's figures");
    command->footer("Examples:\n  nm-tool stats\n  nm-tool stats --json --data /var/lib/nm-store");
    command->callback([&action] {
        action = [](Session& session) -> int {
            auto source = session.source(Access::read);
            if (!source.ok()) return session.fail(source.error());
            const auto details = source.value()->stats();
            if (!details.ok()) return session.fail(details.error());
            write_details(session, details.value());
            return exit_ok;
        };
    });
}

}  // namespace nmstore::tools
