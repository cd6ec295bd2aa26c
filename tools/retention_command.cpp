// nm-tool retention: lets old days of logs go now, or shows which would go.
#include "query/retention_text.h"
#include "tools/command.h"
#include "tools/json_text.h"
#include "tools/progress_line.h"
#include "tools/visible_text.h"
#include "tools/work_report.h"

namespace nmstore::tools {
namespace {

std::string row_json(const RetentionReport::Row& row) {
    return "{\"family\":" + json_string(row.family) + ",\"row\":" + json_string(row.key) +
           ",\"bytes\":" + std::to_string(row.bytes) + ",\"why\":\"" + (row.by_age ? "age" : "bytes") + "\"}";
}

void write_report(Session& session, const RetentionReport& report, bool dry_run) {
    const auto number = [](std::uint64_t value) { return std::to_string(value); };
    if (session.options.json) {
        std::string text = std::string("{\"result\":\"ok\",\"dry_run\":") + (dry_run ? "true" : "false") +
                           ",\"rows_by_age\":" + number(report.rows_by_age) +
                           ",\"rows_by_bytes\":" + number(report.rows_by_bytes) +
                           ",\"bytes\":" + number(report.bytes) + ",\"names\":" + number(report.names) +
                           ",\"store_bytes\":" + number(report.store_bytes) +
                           ",\"over_bytes\":" + number(report.over_bytes) + ",\"rows\":[";
        for (std::size_t i = 0; i < report.rows.size(); ++i)
            text += (i > 0 ? "," : "") + row_json(report.rows[i]);
        session.out.line(text + "]}");
        return;
    }
    if (dry_run) {
        for (const RetentionReport::Row& row : report.rows) {
            session.out.line(visible_text(row.key) + "  " + number(row.bytes) + " bytes  " +
                             (row.by_age ? "age" : "bytes"));
        }
    }
    const std::uint64_t rows = report.rows_by_age + report.rows_by_bytes;
    if (dry_run && rows > report.rows.size())
        session.out.line("… and " + number(rows - report.rows.size()) + " more");
    if (!session.options.quiet) {
        session.out.line((dry_run ? "would drop " : "dropped ") + number(rows) + " day rows of about " +
                         number(report.bytes) + " bytes");
        if (report.names > 0) session.out.line("forgot " + number(report.names) + " names");
        if (report.over_bytes > 0) {
            session.out.line("still " + number(report.over_bytes) +
                             " bytes over the limit: of today, of later dates, or kept for ever");
        }
    }
}

int run_retention(Session& session, const RetentionRequest& request) {
    if (const auto parsed = query::parse_retention(request.policy); !parsed.ok())
        return session.fail(parsed.error());
    auto source = session.source(request.dry_run ? Access::read : Access::write);
    if (!source.ok()) return session.fail(source.error());
    Result<RetentionReport> report = [&] {
        ProgressLine progress(stderr, session.options.quiet);
        return source.value()->retain(request, progress.callback());
    }();
    if (!report.ok()) return session.fail(report.error());
    write_report(session, report.value(), request.dry_run);
    return exit_ok;
}

}  // namespace

void declare_retention(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("retention", "Drop old days of logs now, or show which would go");
    const auto request = std::make_shared<RetentionRequest>();
    command
        ->add_option("--keep", request->policy.keep, "Days go once they are older: 12h, 30d, 2w, 1y, forever")
        ->type_name("AGE");
    command
        ->add_option("--rule", request->policy.rules,
                     "Another age for some: [KIND:]CLIENT[/LOG]=AGE with globs, or alerts=AGE; may be "
                     "repeated, the first that matches decides")
        ->type_name("RULE")
        ->allow_extra_args(false);
    command
        ->add_option("--bytes", request->policy.bytes,
                     "Where the store holds more, its oldest days go, up to yesterday's")
        ->type_name("SIZE");
    command->add_flag(
        "--forget", request->policy.forget_names,
        "Also take clients, logs and plugins of which nothing is left out of the lists of them");
    command->add_flag("--dry-run", request->dry_run, "Drop nothing, show what would go");
    command->footer(
        "Without --keep, --rule and --bytes a server does what it was started with. With them, what its own "
        "rules\nkeep forever stays all the same, unless a --rule given here matches it. A closed directory "
        "has no "
        "rules\nof its own: it needs one of the three, and the rules that say forever too.\n"
        "Ctrl-C stops it; what is dropped stays dropped.\n\nExamples:\n"
        "  nm-tool retention --dry-run\n"
        "  nm-tool retention --keep 90d --rule 'web*//var/log/nginx*=7d' --rule alerts=forever --dry-run\n"
        "  nm-tool retention --data /var/lib/nm-store --bytes 50GB --rule 'law*=forever'");
    command->callback([&action, request] {
        action = [request](Session& session) { return run_retention(session, *request); };
    });
}

}  // namespace nmstore::tools
