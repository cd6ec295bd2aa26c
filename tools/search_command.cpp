// nm-tool search: lines that match a query, their words, or when they came.
#include <memory>

#include "query/time_text.h"
#include "tools/command.h"
#include "tools/completeness_remark.h"
#include "tools/count_chart.h"
#include "tools/hit_text.h"
#include "tools/json_text.h"
#include "tools/line_options.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::uint64_t kMaxContext = 1000;

struct SearchOptions {
    LineOptions lines;
    std::uint64_t limit = 1000;
    std::string order = "newest";
    bool raw = false;
    bool histogram = false;
    std::string step, by;
    std::uint64_t words = 0;
    std::string around;  // "n" or "before,after"
    std::string id;
};

struct Around {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
};

Result<Around> parse_around(const std::string& text) {
    const auto number = [&](const std::string& part) -> Result<std::uint64_t> {
        if (part.empty() || part.size() > 4 || part.find_first_not_of("0123456789") != std::string::npos ||
            std::stoull(part) > kMaxContext) {
            return Error{Code::invalid_argument,
                         "--context takes N or BEFORE,AFTER, each at most " + std::to_string(kMaxContext)};
        }
        return std::uint64_t{std::stoull(part)};
    };
    const auto comma = text.find(',');
    NM_ASSIGN(const std::uint64_t before, number(text.substr(0, comma)));
    if (comma == std::string::npos) return Around{before, before};
    NM_ASSIGN(const std::uint64_t after, number(text.substr(comma + 1)));
    return Around{before, after};
}

HitStyle style_of(const Session& session, const SearchOptions& options) {
    HitStyle style;
    style.json = session.options.json;
    style.raw = options.raw;
    style.escape = !options.raw || session.out.is_terminal();
    style.colored = session.colored() && !style.json;
    if (style.colored) style.highlights = query_highlights(query_text(options.lines));
    return style;
}

LineQuery line_query(const SearchOptions& options) {
    return {query_text(options.lines), options.lines.from, options.lines.to, options.order == "oldest",
            options.limit};
}

int end(Session& session, const Completeness& completeness, bool found) {
    return finish_answer(session, completeness, found);
}

int run_histogram(Session& session, Source& source, const SearchOptions& options) {
    auto answer = source.histogram(line_query(options), options.step, options.by);
    if (!answer.ok()) return session.fail(answer.error());
    write_histogram(session, answer->histogram, options.by);
    return end(session, answer->completeness, answer->histogram.total > 0);
}

int run_words(Session& session, Source& source, const SearchOptions& options) {
    auto answer = source.words(line_query(options), options.words);
    if (!answer.ok()) return session.fail(answer.error());
    for (const auto& [word, count, may_miss] : answer->words) {
        if (session.options.json) {
            std::string text = "{\"word\":" + json_string(word) + ",\"count\":" + std::to_string(count);
            if (may_miss > 0) text += ",\"may_miss\":" + std::to_string(may_miss);
            session.out.line(text + "}");
        } else {
            session.out.line(right_aligned(count, 10) + (may_miss > 0 ? "+ " : " ") + visible_text(word));
        }
    }
    return end(session, answer->completeness, !answer->words.empty());
}

// The lines around one; the one itself is marked for a person.
Result<bool> write_context(Session& session, Source& source, const std::string& id, const Around& around,
                           const HitStyle& style) {
    NM_ASSIGN(const std::vector<Hit> hits, source.context(id, around.before, around.after));
    for (const Hit& hit : hits) {
        const bool marked = !style.json && !style.raw;
        const std::string mark = marked ? (hit.id == id ? "> " : "  ") : "";
        if (!session.out.line(mark + hit_text(hit, style))) return false;
    }
    return true;
}

int run_with_context(Session& session, Source& source, const SearchOptions& options) {
    const auto around = parse_around(options.around.empty() ? "10" : options.around);
    if (!around.ok()) return session.fail(around.error());
    const HitStyle style = style_of(session, options);
    std::vector<std::string> ids;
    Completeness completeness;
    if (!options.id.empty()) {
        ids.push_back(options.id);
    } else {
        auto found = source.search(line_query(options), [&](const Hit& hit) {
            ids.push_back(hit.id);
            return true;
        });
        if (!found.ok()) return session.fail(found.error());
        completeness = found.value();
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0 && !style.json && !session.out.line("--")) break;
        const auto written = write_context(session, source, ids[i], around.value(), style);
        if (!written.ok()) return session.fail(written.error());
        if (!written.value()) break;
    }
    return end(session, completeness, !ids.empty());
}

int run_lines(Session& session, Source& source, const SearchOptions& options) {
    const HitStyle style = style_of(session, options);
    std::uint64_t found = 0;
    auto completeness = source.search(line_query(options), [&](const Hit& hit) {
        ++found;
        return session.out.line(hit_text(hit, style));
    });
    if (!completeness.ok()) return session.fail(completeness.error());
    if (found == options.limit && options.limit != 0 && session.out.is_terminal() && !session.options.quiet) {
        session.warn("only the first " + std::to_string(found) + " lines; --limit 0 gives all");
    }
    return end(session, completeness.value(), found > 0);
}

// So that a slip is told before anything is sent.
Result<void> check(const SearchOptions& options) {
    NM_TRY(check_times(options.lines.from, options.lines.to));
    if (!options.step.empty()) NM_TRY(query::parse_duration_ms(options.step));
    return {};
}

int run_search(Session& session, const SearchOptions& options) {
    if (const auto checked = check(options); !checked.ok()) return session.fail(checked.error());
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    if (options.histogram || !options.by.empty() || !options.step.empty())
        return run_histogram(session, *source.value(), options);
    if (options.words > 0) return run_words(session, *source.value(), options);
    if (!options.around.empty() || !options.id.empty())
        return run_with_context(session, *source.value(), options);
    return run_lines(session, *source.value(), options);
}

}  // namespace

void declare_search(CLI::App& root, Action& action) {
    auto options = std::make_shared<SearchOptions>();
    CLI::App* command = root.add_subcommand("search", "Find lines, newest first");
    declare_line_options(*command, options->lines, true);
    command->add_option("--limit,-n", options->limit, "At most so many lines; 0: all, as they are found")
        ->check(whole_number)
        ->capture_default_str();
    command->add_option("--order", options->order, "Which come first")
        ->check(CLI::IsMember({"newest", "oldest"}))
        ->capture_default_str();
    command->add_flag("--raw", options->raw, "Only the lines' texts; into a pipe byte for byte");
    command->add_flag("--histogram", options->histogram, "How many lines came when, instead of the lines");
    command
        ->add_option("--step", options->step,
                     "With --histogram: the width of a bar (30s, 5m, 1h, 1d); chosen to fit if not given")
        ->type_name("DURATION");
    command->add_option("--by", options->by, "With --histogram: split by client, log, kind, level or a field")
        ->type_name("NAME");
    command
        ->add_option("--words", options->words,
                     "The N most frequent words of the lines, instead of the lines")
        ->check(whole_number)
        ->type_name("N");
    command
        ->add_option("--context", options->around,
                     "Each line with so many before and after it: N or BEFORE,AFTER")
        ->type_name("N[,M]");
    command->add_option("--id", options->id,
                        "With --context: around the line of this id (from --json), instead of a search");
    command->footer(
        "Words that begin with '-' are words that must not occur; quote phrases for the shell and for the "
        "query.\n"
        "Without --from and --to all times are searched.\n\nExamples:\n"
        "  nm-tool search error -debug --from -1h\n"
        "  nm-tool search '\"connection refused\" (timeout OR refused)' --client '10.0.0.*'\n"
        "  nm-tool search --json --limit 0 level:error | jq .line\n"
        "  nm-tool search error --histogram --step 1h --by client\n"
        "  nm-tool search kernel --limit 3 --context 2,5");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_search(session, *options); };
    });
}

}  // namespace nmstore::tools
