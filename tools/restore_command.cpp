// nm-tool restore: a backup becomes a data directory. Works on files only; a server is not asked.
#include <memory>

#include "tools/command.h"
#include "tools/json_text.h"
#include "tools/progress_line.h"
#include "tools/work_report.h"

namespace nmstore::tools {
namespace {

struct RestoreOptions {
    std::string backups;
    std::uint32_t id = 0;
    bool list = false;
};

int run_restore(Session& session, const RestoreOptions& options) {
    if (options.list) {
        const auto backups = list_backups(options.backups);
        return backups.ok() ? write_backups(session, backups.value()) : session.fail(backups.error());
    }
    const std::string& target = session.options.data;
    if (target.empty()) {
        return session.fail({Code::invalid_argument,
                             "name the data directory to write, missing or empty: nm-tool restore --from "
                             "BACKUPS --data DIR"});
    }
    ProgressLine progress(stderr, session.options.quiet);
    const auto restored = restore_backup(options.backups, options.id, target, progress.callback());
    progress.clear();
    if (!restored.ok()) return session.fail(restored.error());
    if (session.options.json) {
        session.out.line("{\"result\":\"ok\",\"id\":" + std::to_string(restored.value().id) +
                         ",\"time\":" + std::to_string(restored.value().time_ms) + ",\"bytes\":" +
                         std::to_string(restored.value().bytes) + ",\"data\":" + json_string(target) + "}");
    } else if (!session.options.quiet) {
        session.out.line("restored backup " + std::to_string(restored.value().id) + " into " + target);
    }
    return exit_ok;
}

}  // namespace

void declare_restore(CLI::App& root, Action& action) {
    auto options = std::make_shared<RestoreOptions>();
    CLI::App* command = root.add_subcommand("restore", "Write a backup's store into a new data directory");
    command->add_option("--from", options->backups, "The directory that holds the backups")
        ->required()
        ->type_name(kDirectoryType);
    command->add_option("--id", options->id, "Which backup (see --list); 0: the newest")
        ->capture_default_str();
    command->add_flag("--list", options->list, "List the backups instead, oldest first");
    command->footer(
        "--data names the directory to write, which must be missing or empty. Every file's checksum is "
        "compared before anything is written.\n\nExamples:\n"
        "  nm-tool restore --from /srv/backups --data /var/lib/nm-store\n"
        "  nm-tool restore --from /srv/backups --list");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_restore(session, *options); };
    });
}

}  // namespace nmstore::tools
