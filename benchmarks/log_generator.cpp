#include "benchmarks/log_generator.h"

#include <algorithm>

namespace nmstore::benchmarks {

namespace {

constexpr std::uint64_t kBurst = 4;  // one line in so many comes from another log than the one before

bool wanted(const GeneratorOptions& options, std::string_view kind) {
    return options.kinds.empty() ||
           std::find(options.kinds.begin(), options.kinds.end(), kind) != options.kinds.end();
}

}  // namespace

LogGenerator::LogGenerator(const GeneratorOptions& options)
    : random_(options.seed),
      step_us_(std::max<std::uint64_t>(options.step_us, 1)),
      time_us_(static_cast<std::uint64_t>(options.start_ms) * 1000) {
    for (std::uint32_t client = 0; client < options.clients; ++client) {
        for (const auto& kind : log_kinds()) {
            if (!wanted(options, kind.name)) continue;
            shares_.insert(shares_.end(), kind.share, sources_.size());
            sources_.push_back(
                {"10.0." + std::to_string(client / 250) + "." + std::to_string(1 + client % 250),
                 "node" + std::to_string(1 + client), kind.path, kind.make()});
        }
    }
}

const GeneratedLine& LogGenerator::next() {
    time_us_ += random_.below(2 * step_us_);
    if (random_.one_in(kBurst)) current_ = shares_[random_.below(shares_.size())];
    Source& source = sources_[current_];
    text_.clear();
    const auto time_ms = static_cast<std::int64_t>(time_us_ / 1000);
    source.kind->write({random_, time_ms, source.host}, text_);
    line_ = {time_ms, source.client, source.path, text_};
    return line_;
}

}  // namespace nmstore::benchmarks
