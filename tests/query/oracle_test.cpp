// Random lines and cells, random questions of every kind, in every state that a store goes through: before
// sealing, between, after, after compaction, after a restart. What differs from the plain reference is shown
// as few steps and a small query.
#include "query/parse.h"
#include "tests/query/oracle_query.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::size_t kMaxReplays = 400;  // while a failure is made smaller
constexpr std::size_t kQuestions = 25;    // in each state

// What the question's answer differs in after these steps have been done to a new store.
std::optional<std::string> replayed(const std::vector<OracleStep>& steps, const SealingOptions& sealing,
                                    const query::Filter& filter, const OracleQuestion& question) {
    OracleStore world(sealing);
    for (const OracleStep& step : steps) world.apply(step);
    world.finish();
    return OracleAnswers(world).difference(filter, question);
}

// Without as many of the steps as can be left out.
void shrink_steps(std::vector<OracleStep>& steps,
                  const std::function<bool(const std::vector<OracleStep>&)>& fails) {
    std::size_t replays = 0;
    for (std::size_t size = steps.size() / 2; size > 0; size /= 2) {
        for (std::size_t end = steps.size(); end >= size && replays < kMaxReplays;) {
            std::vector<OracleStep> fewer = steps;
            const auto at = [&](std::size_t i) { return fewer.begin() + static_cast<std::ptrdiff_t>(i); };
            fewer.erase(at(end - size), at(end));
            ++replays;
            if (fails(fewer)) steps = std::move(fewer);
            end -= size;
        }
    }
}

// A part of the filter that shows it alone.
const query::Filter* smallest_part(const query::Filter& filter,
                                   const std::function<bool(const query::Filter&)>& fails) {
    if (filter.kind == query::FilterKind::field) return &filter;
    for (const auto& child : filter.children)
        if (fails(*child)) return smallest_part(*child, fails);
    return &filter;
}

void show_smallest(std::vector<OracleStep> steps, const SealingOptions& sealing, const query::Filter& filter,
                   const OracleQuestion& question, const std::string& first_seen) {
    const auto fails = [&](const std::vector<OracleStep>& some, const query::Filter& part) {
        return replayed(some, sealing, part, question).has_value();
    };
    if (!fails(steps, filter))
        FAIL("only seen once: " << first_seen << "\nquery: " << query::to_text(filter) << "\n"
                                << question.shown());
    const query::Filter* part =
        smallest_part(filter, [&](const query::Filter& one) { return fails(steps, one); });
    shrink_steps(steps, [&](const std::vector<OracleStep>& some) { return fails(some, *part); });
    part = smallest_part(*part, [&](const query::Filter& one) { return fails(steps, one); });
    std::string shown;
    for (const OracleStep& step : steps) shown += step.shown() + "\n";
    FAIL(*replayed(steps, sealing, *part, question)
         << "\nquery: " << query::to_text(*part) << "\n"
         << question.shown() << "\nblocks of " << sealing.block_bytes << " bytes, at once from "
         << sealing.direct_bytes << "\nsteps:\n"
         << shown);
}

class Run {
  public:
    explicit Run(std::uint64_t seed)
        : random_(seed), writer_(random_), sealing_(some_sealing()), world_(sealing_) {}

    void go() {
        for (const auto kind :
             {OracleStep::append, OracleStep::seal, OracleStep::append, OracleStep::compact,
              OracleStep::reopen, OracleStep::append, OracleStep::advance, OracleStep::seal}) {
            std::vector<OracleStep> steps;
            if (kind == OracleStep::append) {
                writer_.write(steps, 5 + oracle_below(random_, 30));
            } else {
                OracleStep step;
                step.kind = kind;
                if (kind == OracleStep::advance) step.time_ms = 100'000;
                if (kind == OracleStep::reopen)
                    step.time_ms = static_cast<std::int64_t>(oracle_below(random_, 2));
                steps.push_back(step);
            }
            for (const OracleStep& step : steps) world_.apply(step);
            world_.finish();
            if (!steps.empty()) steps.back().commit = true;
            done_.insert(done_.end(), steps.begin(), steps.end());
            ask();
        }
        world_.store.check();
    }

    std::size_t asked() const { return asked_; }
    std::size_t found() const { return found_; }
    std::size_t cut() const { return cut_; }

  private:
    SealingOptions some_sealing() {
        SealingOptions sealing;
        sealing.background = false;
        static constexpr std::size_t kBlocks[] = {300, 2000, 20'000, 1 << 20};
        static constexpr std::size_t kDirect[] = {40, 1000, 1 << 17};
        sealing.block_bytes = oracle_pick(random_, kBlocks);
        sealing.direct_bytes = oracle_pick(random_, kDirect);
        return sealing;
    }

    void ask() {
        OracleAnswers answers(world_);
        OracleAsker asker(random_, answers.lines());
        for (std::size_t i = 0; i < kQuestions; ++i) {
            const std::string text = asker.query(i % 4);
            const OracleQuestion question = asker.question();
            const auto parsed = query::parse(text);
            if (!parsed.ok()) continue;  // a path that looks like a regular expression, and such
            ++asked_;
            const auto wrong = answers.difference(*parsed->filter, question);
            if (wrong) show_smallest(done_, sealing_, *parsed->filter, question, *wrong);
        }
        found_ += answers.lines().size();
        cut_ += answers.cut_pages();
    }

    OracleRandom random_;
    OracleWriter writer_;
    SealingOptions sealing_;
    OracleStore world_;
    std::vector<OracleStep> done_;
    std::size_t asked_ = 0, found_ = 0, cut_ = 0;
};

}  // namespace

TEST_CASE("every question is answered as by going through all lines, whatever state they are in") {
    const auto part = GENERATE(std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3});
    std::size_t asked = 0, lines = 0, cut = 0;
    for (std::uint64_t seed = part * 10 + 1; seed <= part * 10 + 10; ++seed) {
        INFO("seed " << seed);
        Run run(seed);
        run.go();
        asked += run.asked();
        lines += run.found();
        cut += run.cut();
    }
    CHECK(asked > 1500);
    CHECK(lines > 10'000);
    CHECK(cut > 100);
}
