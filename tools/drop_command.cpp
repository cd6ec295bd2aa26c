// nm-tool drop: removes a family, a row, or the old days of logs, after it has been confirmed.
#include <unistd.h>

#include <iostream>
#include <memory>

#include "tools/command.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kShownRows = 20;

struct DropOptions {
    DropRequest request;
    bool yes = false;
};

bool selects_days(const DropRequest& request) {
    return !request.client.empty() || !request.log.empty() || !request.kind.empty() ||
           !request.from.empty() || !request.to.empty();
}

Result<void> check(const DropRequest& request) {
    if (!request.family.empty() && selects_days(request)) {
        return Error{Code::invalid_argument,
                     "drop either a family or row, or days of logs: not both at once"};
    }
    if (request.family.empty() && !selects_days(request)) {
        return Error{Code::invalid_argument,
                     "say what to drop: FAMILY [ROW], or --client, --log, --kind, --after, --before"};
    }
    return check_times(request.from, request.to, "--after", "--before");
}

std::string what_of(const DropRequest& request, const DropAnswer& answer) {
    if (selects_days(request)) return std::to_string(answer.dropped) + " day rows";
    if (request.row.empty()) return "family " + visible_text(request.family) + " with all its rows";
    return "row " + visible_text(request.row) + " of " + visible_text(request.family);
}

// true: said yes.
bool confirm(const std::string& what, const DropAnswer& answer) {
    for (std::size_t i = 0; i < answer.rows.size() && i < kShownRows; ++i) {
        std::fprintf(stderr, "  %s\n", visible_text(answer.rows[i]).c_str());
    }
    if (answer.dropped > kShownRows)
        std::fprintf(stderr, "  … and %llu more\n",
                     static_cast<unsigned long long>(answer.dropped - kShownRows));
    std::fprintf(stderr, "Drop %s for ever? [y/N] ", what.c_str());
    std::string reply;
    std::getline(std::cin, reply);
    return reply == "y" || reply == "Y" || reply == "yes";
}

void write_answer(Session& session, const DropRequest& request, const DropAnswer& answer) {
    if (session.options.json) {
        std::string text = "{\"dropped\":" + std::to_string(answer.dropped) +
                           ",\"dry_run\":" + (request.dry_run ? "true" : "false") + ",\"rows\":[";
        for (std::size_t i = 0; i < answer.rows.size(); ++i)
            text += (i > 0 ? "," : "") + json_string(answer.rows[i]);
        session.out.line(text + "]}");
        return;
    }
    if (request.dry_run) {
        for (const auto& row : answer.rows) session.out.line(visible_text(row));
    }
    if (!session.options.quiet)
        session.out.line((request.dry_run ? "would drop " : "dropped ") + what_of(request, answer));
}

int run_drop(Session& session, DropOptions options) {
    if (const auto checked = check(options.request); !checked.ok()) return session.fail(checked.error());
    if (!options.yes && !options.request.dry_run && ::isatty(STDIN_FILENO) == 0) {
        return session.fail(
            {Code::invalid_argument,
             "nobody is here to be asked: give --yes to drop, or --dry-run to see what would go"});
    }
    auto source = session.source(options.request.dry_run ? Access::read : Access::write);
    if (!source.ok()) return session.fail(source.error());
    if (!options.yes && !options.request.dry_run) {
        DropRequest look = options.request;
        look.dry_run = true;
        const auto answer = source.value()->drop(look);
        if (!answer.ok()) return session.fail(answer.error());
        if (answer.value().dropped > 0 && !confirm(what_of(look, answer.value()), answer.value()))
            return exit_nothing;
    }
    const auto answer = source.value()->drop(options.request);
    if (!answer.ok()) return session.fail(answer.error());
    write_answer(session, options.request, answer.value());
    return exit_ok;
}

}  // namespace

void declare_drop(CLI::App& root, Action& action) {
    auto options = std::make_shared<DropOptions>();
    DropRequest& request = options->request;
    CLI::App* command = root.add_subcommand("drop", "Remove a family, a row, or days of logs for ever");
    command->add_option("family", request.family, "The family; with no row, all of it")->check(not_empty);
    command->add_option("row", request.row, "The row's key")->check(not_empty);
    command->add_option("--client", request.client, "Days of this client's logs and plugins")
        ->type_name("GLOB");
    command->add_option("--log", request.log, "Days of this log or plugin")->type_name("GLOB");
    command->add_option("--kind", request.kind, "Days of this kind")
        ->check(CLI::IsMember({"logs", "plugins", "alerts"}));
    command->add_option("--after", request.from, "Only days that lie wholly after this time")
        ->type_name(kTimeType);
    command->add_option("--before", request.to, "Only days that lie wholly before this time")
        ->type_name(kTimeType);
    command->add_flag("--yes,-y", options->yes, "Do not ask");
    command->add_flag("--dry-run", request.dry_run, "Only tell what would be dropped");
    command->footer(
        "Asks before it drops anything. Dropping what is not there succeeds.\n\nExamples:\n"
        "  nm-tool drop --client 10.0.0.1 --before -90d --dry-run\n"
        "  nm-tool drop --kind logs --before 2011-06-01 --yes\n"
        "  nm-tool drop CFUTF8Type old-row");
    command->callback(
        [options, &action] { action = [options](Session& session) { return run_drop(session, *options); }; });
}

}  // namespace nmstore::tools
