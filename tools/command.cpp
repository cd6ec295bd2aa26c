#include "tools/command.h"

namespace nmstore::tools {
namespace {

constexpr Declare kCommands[] = {declare_search,     declare_tail,   declare_channel,     declare_count,
                                 declare_series,     declare_alerts, declare_rows,        declare_get,
                                 declare_ship,       declare_pull,   declare_stats,       declare_compact,
                                 declare_retention,  declare_verify, declare_reindex,     declare_backup,
                                 declare_restore,    declare_drop,   declare_replication, declare_credential,
                                 declare_completion, declare_man};

std::string root_footer() {
    std::string text =
        "The options above may stand before or after the command. Times are RFC 3339 (2011-11-21T18:26:40Z), "
        "a date,\n"
        "milliseconds since the epoch, or relative to now (-15m, -1h, -7d).\n\nExit codes:\n";
    for (const auto& [code, meaning] : kExitCodes) {
        const std::string number = std::to_string(code);
        text += "  " + number + std::string(5 - number.size(), ' ') + std::string(meaning) + "\n";
    }
    text +=
        "\nExamples:\n"
        "  nm-tool search error -debug 'client:10.0.0.*' --from -1h\n"
        "  nm-tool ship --directory /var/log --recursive\n"
        "  nm-tool --data /var/lib/nm-store verify";
    return text;
}

}  // namespace

void declare_all(CLI::App& root, SharedOptions& shared, Action& action) {
    root.name("nm-tool");
    root.description("Searches, feeds and looks after an nm-store: a server, or a closed data directory.");
    root.set_help_all_flag("--help-all", "Print the help of all commands");
    root.set_version_flag("--version", "nm-tool " NM_VERSION, "Print the version");
    root.require_subcommand(1);
    root.fallthrough();
    root.add_option("--url", shared.url, "The server")
        ->envname("NM_URL")
        ->capture_default_str()
        ->type_name("URL");
    root.add_option("--token", shared.token,
                    "Credentials, TOKEN:ACCOUNT. On a command line others of this machine can see them: "
                    "prefer NM_TOKEN or --token-file")
        ->envname("NM_TOKEN")
        ->type_name("TOKEN:ACCOUNT");
    root.add_option("--token-file", shared.token_file,
                    "A file that holds the credentials, readable by its owner only")
        ->envname("NM_TOKEN_FILE")
        ->type_name(kFileType);
    root.add_option(
            "--ca-file", shared.ca_file,
            "Trust the https server whose certificate is in this file (PEM), or signed with one in it")
        ->envname("NM_CA_FILE")
        ->type_name(kFileType);
    root.add_flag("--insecure", shared.insecure,
                  "Trust any https server: whoever stands between reads the credentials")
        ->envname("NM_INSECURE");
    root.add_option("--data", shared.data, "Work on this closed data directory instead of a server")
        ->type_name(kDirectoryType);
    root.add_flag("--json", shared.json, "Write JSON, one object a line");
    root.add_flag("--quiet,-q", shared.quiet, "No progress and no remarks, only results and errors");
    root.add_option("--color", shared.color, "Colours in what a person reads")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    for (const Declare declare : kCommands) declare(root, action);
    for (CLI::App* command : root.get_subcommands({})) command->fallthrough();
    root.footer(root_footer());
}

bool takes_query(const std::string& subcommand) {
    return subcommand == "search" || subcommand == "tail" || subcommand == "count";
}

}  // namespace nmstore::tools
