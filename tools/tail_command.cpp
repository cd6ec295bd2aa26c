// nm-tool tail: matching lines as they come.
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "query/time_text.h"
#include "tools/command.h"
#include "tools/hit_text.h"
#include "tools/interruption.h"
#include "tools/line_options.h"
#include "tools/tail_window.h"

namespace nmstore::tools {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t kShortLookMs = 10'000;              // every poll looks back so far …
constexpr auto kLongLookEvery = std::chrono::seconds(15);  // … and now and then as far as --late
constexpr auto kLongestWait =
    std::chrono::seconds(30);                         // between two tries while the server cannot be reached
constexpr auto kNap = std::chrono::milliseconds(50);  // an interruption is noticed so soon

struct TailOptions {
    LineOptions lines;
    std::uint64_t last = 10;
    std::string interval = "1s";
    std::string late = "10m";
    bool raw = false;
};

void wait(SteadyClock::duration time) {
    const auto until = SteadyClock::now() + time;
    while (!interrupted() && SteadyClock::now() < until) std::this_thread::sleep_for(kNap);
}

class Tail {
  public:
    Tail(Session& session, Source& source, const TailOptions& options, std::int64_t late_ms)
        : session_(session),
          source_(source),
          options_(options),
          text_(query_text(options.lines)),
          late_ms_(late_ms),
          window_(late_ms) {
        style_.json = session.options.json;
        style_.raw = options.raw;
        style_.escape = !options.raw || session.out.is_terminal();
        style_.colored = session.colored() && !style_.json;
        if (style_.colored) style_.highlights = query_highlights(text_);
    }

    // The last lines that there are, oldest first; whatever else lies in the window counts as shown.
    Result<void> begin() {
        std::vector<Hit> last;
        NM_TRY(source_.search({text_, "", "", false, std::max<std::uint64_t>(1, options_.last)},
                              [&](const Hit& hit) {
                                  last.push_back(hit);
                                  return true;
                              }));
        for (const Hit& hit : last) window_.take(hit.time_ms, hit.id);
        if (last.empty()) return {};
        const std::int64_t newest_ms = last.front().time_ms;
        std::vector<Hit> meanwhile;
        NM_TRY(look(late_ms_, [&](const Hit& hit) {
            if (hit.time_ms > newest_ms) meanwhile.push_back(hit);
            return true;
        }));
        if (options_.last == 0) last.clear();
        std::reverse(last.begin(), last.end());
        last.insert(last.end(), meanwhile.begin(), meanwhile.end());
        for (const Hit& hit : last) show(hit);
        return {};
    }

    // Shows what is new. Its result is false once nobody reads any more.
    Result<bool> poll() {
        const bool far = SteadyClock::now() >= next_long_look_;
        if (far) next_long_look_ = SteadyClock::now() + kLongLookEvery;
        NM_TRY(look(far ? late_ms_ : kShortLookMs, [&](const Hit& hit) { return show(hit); }));
        window_.prune();
        return session_.out.flush();
    }

  private:
    bool show(const Hit& hit) { return session_.out.line(hit_text(hit, style_)); }

    Result<void> look(std::int64_t back_ms, const EachHit& each_new) {
        LineQuery query{text_, "", "", true, 0};
        if (!window_.empty())
            query.from = std::to_string(std::max<std::int64_t>(0, window_.from_ms(back_ms)));
        NM_TRY(source_.search(
            query, [&](const Hit& hit) { return !window_.take(hit.time_ms, hit.id) || each_new(hit); }));
        return {};
    }

    Session& session_;
    Source& source_;
    const TailOptions& options_;
    std::string text_;
    std::int64_t late_ms_;
    HitStyle style_;
    TailWindow window_;
    SteadyClock::time_point next_long_look_{};
};

bool may_pass(const Error& error) {
    return error.code == Code::unavailable || error.code == Code::deadline_exceeded;
}

int follow(Session& session, Tail& tail, SteadyClock::duration interval) {
    SteadyClock::duration pause = interval;
    bool told = false;
    while (!interrupted()) {
        const auto polled = tail.poll();
        if (polled.ok()) {
            if (!polled.value()) return exit_ok;
            if (told) session.warn("the server answers again");
            told = false;
            pause = interval;
        } else if (may_pass(polled.error())) {
            if (!told) session.warn(polled.error().message + "; trying again");
            told = true;
            pause = std::min<SteadyClock::duration>(pause * 2, kLongestWait);
        } else {
            return session.fail(polled.error());
        }
        wait(pause);
    }
    return exit_interrupted;
}

int run_tail(Session& session, const TailOptions& options) {
    if (session.is_local())
        return session.fail(
            {Code::invalid_argument, "nothing comes to a closed directory: tail needs a server (--url)"});
    const auto interval_ms = query::parse_duration_ms(options.interval);
    if (!interval_ms.ok()) return session.fail(interval_ms.error());
    const auto late_ms = query::parse_duration_ms(options.late);
    if (!late_ms.ok()) return session.fail(late_ms.error());
    auto source = session.source(Access::read);
    if (!source.ok()) return session.fail(source.error());
    Tail tail(session, *source.value(), options, late_ms.value());
    const auto begun = tail.begin();
    if (!begun.ok()) return session.fail(begun.error());
    return follow(session, tail, std::chrono::milliseconds(interval_ms.value()));
}

}  // namespace

void declare_tail(CLI::App& root, Action& action) {
    auto options = std::make_shared<TailOptions>();
    CLI::App* command = root.add_subcommand("tail", "Show lines as they come, until Ctrl-C");
    declare_line_options(*command, options->lines, false);
    command->add_option("--last,-n", options->last, "Begin with so many of the newest lines")
        ->capture_default_str()
        ->check(CLI::Range(0, 1000));
    command->add_option("--interval", options->interval, "Ask the server so often")
        ->capture_default_str()
        ->type_name("DURATION");
    command->add_option("--late", options->late, "Also show lines that arrive so much later than their time")
        ->capture_default_str()
        ->type_name("DURATION");
    command->add_flag("--raw", options->raw, "Only the lines' texts; into a pipe byte for byte");
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
