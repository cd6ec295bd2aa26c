#include "query/regex.h"

#include <re2/re2.h>

#include <utility>

#include "query/utf8_text.h"

namespace nmstore::query {

struct Regex::Compiled {
    Compiled(const std::string& pattern, const RE2::Options& options) : re(pattern, options) {}
    RE2 re;
};

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(const std::string& pattern, bool ignore_case, std::size_t memory_bytes) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!ignore_case);
    options.set_dot_nl(true);  // a line is one line, whatever is in it
    options.set_max_mem(static_cast<std::int64_t>(memory_bytes));
    auto compiled = std::make_unique<Compiled>(pattern, options);
    if (!compiled->re.ok()) return Error{Code::invalid_argument, compiled->re.error()};
    return Regex(std::move(compiled));
}

bool Regex::matches(std::string_view text) const {
    thread_local std::string replaced;
    if (replace_invalid_utf8(text, replaced)) text = replaced;
    return compiled_->re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED,
                               nullptr, 0);
}

}  // namespace nmstore::query
