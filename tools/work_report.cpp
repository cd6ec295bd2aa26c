#include "tools/work_report.h"

#include <algorithm>

#include "query/time_text.h"
#include "tools/json_text.h"
#include "tools/progress_line.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

std::string details_json(const std::vector<Detail>& details) {
    std::string text;
    for (const Detail& detail : details) {
        if (!text.empty()) text += ",";
        const bool bare = detail.is_number || detail.text == "true" || detail.text == "false";
        text += json_string(detail.name) + ":" + (bare ? detail.text : json_string(detail.text));
    }
    return text;
}

void write_work_json(Session& session, const WorkAnswer& answer) {
    std::string text = answer.problem_count > 0 ? "{\"result\":\"damaged\"" : "{\"result\":\"ok\"";
    if (!answer.details.empty()) text += "," + details_json(answer.details);
    if (!answer.problems.empty()) {
        text += ",\"problems\":[";
        for (std::size_t i = 0; i < answer.problems.size(); ++i)
            text += (i > 0 ? "," : "") + json_string(answer.problems[i]);
        text += "]";
    }
    session.out.line(text + "}");
}

}  // namespace

void write_details(Session& session, const std::vector<Detail>& details) {
    if (session.options.json) {
        session.out.line("{" + details_json(details) + "}");
        return;
    }
    std::size_t width = 0;
    for (const Detail& detail : details) width = std::max(width, detail.name.size());
    for (const Detail& detail : details) {
        if (detail.text.empty()) continue;
        session.out.line(detail.name + std::string(width + 2 - detail.name.size(), ' ') +
                         visible_text(detail.text));
    }
}

Result<WorkAnswer> do_work(Session& session, Access access, const Work& work) {
    NM_ASSIGN(const std::unique_ptr<Source> source, session.source(access));
    ProgressLine progress(stderr, session.options.quiet);
    return work(*source, progress.callback());
}

int finish_work(Session& session, const std::string& what, const Result<WorkAnswer>& answer) {
    if (!answer.ok()) return session.fail(answer.error());
    const WorkAnswer& done = answer.value();
    if (session.options.json) {
        write_work_json(session, done);
    } else {
        if (!session.options.quiet) session.out.line(what);
        write_details(session, done.details);
        for (const auto& problem : done.problems) session.out.line("damaged: " + visible_text(problem));
        if (done.problem_count > done.problems.size()) {
            session.out.line("… and " + std::to_string(done.problem_count - done.problems.size()) + " more");
        }
    }
    return done.problem_count > 0 ? exit_partial : exit_ok;
}

int write_backups(Session& session, const std::vector<BackupInfo>& backups) {
    for (const BackupInfo& backup : backups) {
        const std::string id = std::to_string(backup.id);
        const std::string bytes = std::to_string(backup.bytes);
        const std::string files = std::to_string(backup.files);
        if (session.options.json) {
            session.out.line("{\"id\":" + id + ",\"time\":" + std::to_string(backup.time_ms) +
                             ",\"bytes\":" + bytes + ",\"files\":" + files + "}");
        } else {
            session.out.line(id + "  " + query::format_time(backup.time_ms) + "  " + bytes + " bytes in " +
                             files + " files");
        }
    }
    return backups.empty() ? exit_nothing : exit_ok;
}

}  // namespace nmstore::tools
