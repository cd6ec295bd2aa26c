// nm-tool backup: adds a backup, or lists those that there are.
#include <memory>

#include "tools/command.h"
#include "tools/work_report.h"

namespace nmstore::tools {
namespace {

struct BackupOptions {
    std::string directory;
    bool list = false;
};

int list_all(Session& session, const BackupOptions& options) {
    if (session.is_local() || !options.directory.empty()) {
        const auto backups = list_backups(options.directory);
        if (!backups.ok()) return session.fail(backups.error());
        return write_backups(session, backups.value());
    }
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    const auto backups = source.value()->backups();
    if (!backups.ok()) return session.fail(backups.error());
    return write_backups(session, backups.value());
}

int run_backup(Session& session, const BackupOptions& options) {
    if (session.is_local() && options.directory.empty()) {
        return session.fail(
            {Code::invalid_argument,
             "name the directory that shall hold the backups: nm-tool backup --data DIR --to BACKUPS"});
    }
    if (options.list) return list_all(session, options);
    const Work backup = [&](Source& source, const Progress& progress) {
        return source.backup(options.directory, progress);
    };
    return finish_work(session, "backed up", do_work(session, Access::write, backup));
}

}  // namespace

void declare_backup(CLI::App& root, Action& action) {
    auto options = std::make_shared<BackupOptions>();
    CLI::App* command = root.add_subcommand("backup", "Back up the store; may be done while a server works");
    command
        ->add_option(
            "--to", options->directory,
            "With --data: the directory that holds the backups. A server has one of its own (--backup-dir)")
        ->type_name(kDirectoryType);
    command->add_flag("--list", options->list, "List the backups instead, oldest first");
    command->footer(
        "A backup shares unchanged files with those before it, and can be restored with nm-tool "
        "restore.\n\nExamples:\n"
        "  nm-tool backup\n"
        "  nm-tool backup --list\n"
        "  nm-tool backup --data /var/lib/nm-store --to /srv/backups");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_backup(session, *options); };
    });
}

}  // namespace nmstore::tools
