#include "query/like_pattern.h"

#include "nmstore/value_type.h"

namespace nmstore::query {

namespace {

// The bytes of the character that begins at text[at].
std::size_t character_size(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const bool valid = lead >= 0xc2 && lead <= 0xf4 && is_valid_utf8(text.substr(at, size));
    return valid ? size : 1;
}

}  // namespace

Result<LikePattern> LikePattern::read(std::string_view text) {
    if (text.size() > kMaxLikeBytes)
        return Error{Code::too_large,
                     "a pattern of LIKE may have at most " + std::to_string(kMaxLikeBytes) + " bytes"};
    LikePattern pattern;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            pattern.steps_.push_back({Kind::run, 0});
        } else if (text[i] == '_') {
            pattern.steps_.push_back({Kind::one, 0});
        } else {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            pattern.steps_.push_back({Kind::byte, text[i]});
        }
    }
    return pattern;
}

bool LikePattern::matches(std::string_view text) const {
    // Where a step does not fit, the last run takes one character more; earlier runs need not be tried again.
    std::size_t at = 0, step = 0;
    std::size_t run_step = steps_.size(), run_end = 0;
    while (at < text.size()) {
        const bool left = step < steps_.size();
        if (left && steps_[step].kind == Kind::run) {
            run_step = step++;
            run_end = at;
        } else if (left && steps_[step].kind == Kind::one) {
            at += character_size(text, at);
            ++step;
        } else if (left && steps_[step].byte == text[at]) {
            ++at;
            ++step;
        } else if (run_step < steps_.size()) {
            run_end += character_size(text, run_end);
            at = run_end;
            step = run_step + 1;
        } else {
            return false;
        }
    }
    while (step < steps_.size() && steps_[step].kind == Kind::run) ++step;
    return step == steps_.size();
}

}  // namespace nmstore::query
