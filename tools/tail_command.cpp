// nm-tool tail: matching lines as they come.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "tools/command.h"
#include "tools/following.h"
#include "tools/hit_text.h"
#include "tools/line_options.h"
#include "tools/remote_source.h"

namespace nmstore::tools {
namespace {

struct TailOptions {
    LineOptions lines;
    std::uint64_t last = 10;
    std::string since;
    std::string slow = "catchup";
    bool raw = false;
    std::string ignored;
};

class Tail {
  public:
    Tail(Session& session, const TailOptions& options, HttpClient client, HttpClient searching)
        : session_(session),
          options_(options),
          text_(query_text(options.lines)),
          client_(std::move(client)),
          source_(std::move(searching)),
          following_(session, client_, "/api/v1/tail",
                     {{"q", text_}, {"slow", options.slow == "drop" ? "drop" : ""}}) {
        style_.json = session.options.json;
        style_.raw = options.raw;
        style_.escape = !options.raw || session.out.is_terminal();
        style_.colored = session.colored() && !style_.json;
        if (style_.colored) style_.highlights = query_highlights(text_);
    }

    int run() {
        std::string since = options_.since;
        if (since.empty()) {
            auto now = following_.now();
            if (!now.ok()) return session_.fail(now.error());
            since = std::move(now).value();
            // What is found from here on is either older than that place, or comes once more.
            const auto shown = show_last();
            if (!shown.ok()) return session_.fail(shown.error());
        }
        const int code = following_.run(
            since, [&](std::string_view, const nlohmann::json& event) { return show_event(event); });
        return code == exit_ok ? session_.done(code) : code;
    }

  private:
    Result<void> show_last() {
        if (options_.last == 0) return {};
        std::vector<Hit> last;
        NM_TRY(source_.search({text_, "", "", false, options_.last}, [&](const Hit& hit) {
            last.push_back(hit);
            return true;
        }));
        std::reverse(last.begin(), last.end());
        for (const Hit& hit : last) {
            shown_.insert(name_of(hit));
            session_.out.line(hit_text(hit, style_));
        }
        session_.out.flush();
        return {};
    }

    bool show_event(const nlohmann::json& event) {
        Hit hit = hit_of(event);
        if (!shown_.empty() && shown_.erase(name_of(hit)) > 0) return true;
        hit.event = event.value("event", "");
        hit.partial = event.contains("partial");
        return session_.out.line(hit_text(hit, style_));
    }

    // A cell that is written again with another text is shown again.
    static std::string name_of(const Hit& hit) { return hit.id + '\n' + hit.line; }

    Session& session_;
    const TailOptions& options_;
    const std::string text_;
    HttpClient client_;
    RemoteSource source_;
    Following following_;
    HitStyle style_;
    std::unordered_set<std::string> shown_;  // of the last lines, which the stream may bring again
};

int run_tail(Session& session, const TailOptions& options) {
    if (session.is_local())
        return session.fail(
            {Code::invalid_argument, "nothing comes to a closed directory: tail needs a server (--url)"});
    const auto address = session.server();
    if (!address.ok()) return session.fail(address.error());
    auto client = HttpClient::make(*address), searching = HttpClient::make(*address);
    if (!client.ok()) return session.fail(client.error());
    if (!searching.ok()) return session.fail(searching.error());
    return Tail(session, options, std::move(client).value(), std::move(searching).value()).run();
}

}  // namespace

void declare_tail(CLI::App& root, Action& action) {
    auto options = std::make_shared<TailOptions>();
    CLI::App* command = root.add_subcommand("tail", "Show lines as they come, until Ctrl-C");
    declare_line_options(*command, options->lines, false);
    command->add_option("--last,-n", options->last, "Begin with so many of the newest lines")
        ->capture_default_str()
        ->check(CLI::Range(0, 1000));
    command
        ->add_option("--since", options->since,
                     "Begin behind this event instead: the \"event\" of a line of --json, or of the API")
        ->check(not_empty)
        ->type_name("EVENT");
    command
        ->add_option("--slow", options->slow,
                     "If lines come faster than they can be shown: show all of them, late, or drop some and "
                     "say how many")
        ->check(CLI::IsMember({"catchup", "drop"}))
        ->capture_default_str();
    command->add_flag("--raw", options->raw, "Only the lines' texts; into a pipe byte for byte");
    // Of the time when the server was asked again and again: they say nothing now, and do no harm.
    for (const char* name : {"--interval", "--late"})
        command->add_option(name, options->ignored, "Without effect")->group("");
    command->footer(
        "Goes on where it was when the server comes back after an interruption: no line is missed, none is "
        "shown twice.\n\nExamples:\n"
        "  nm-tool tail\n"
        "  nm-tool tail error -debug --client 10.0.0.1\n"
        "  nm-tool tail --json level:error | jq -r .line");
    command->callback(
        [options, &action] { action = [options](Session& session) { return run_tail(session, *options); }; });
}

}  // namespace nmstore::tools
