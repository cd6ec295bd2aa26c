// A request's parameters, read strictly: a parameter that a call does not know, or that is given twice where
// once makes sense, is an error. A typing error must not silently widen a search or a removal.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"
#include "server/http.h"

namespace nmstore::server {

// `text` as a whole number of [least, most]; invalid_argument names the parameter and the bounds.
Result<std::uint64_t> parse_natural(std::string_view name, std::string_view text, std::uint64_t least,
                                    std::uint64_t most);

// Views into a request, which must outlive it. A parameter that is given with an empty value counts as not
// given, as an empty box of a form does.
class Parameters {
  public:
    // invalid_argument names a parameter that is not `known`, or given more than once without being `repeatable`
    // (these are among the known).
    static Result<Parameters> read(const Request& request, std::initializer_list<std::string_view> known,
                                   std::initializer_list<std::string_view> repeatable = {});

    bool has(std::string_view name) const { return !text(name).empty(); }
    std::string_view text(std::string_view name) const;  // "" where it is not given
    std::vector<std::string> texts(std::string_view name) const;  // of a repeatable one; not the empty ones
    Result<std::string_view> required(std::string_view name) const;
    Result<std::uint64_t> natural(std::string_view name, std::uint64_t fallback, std::uint64_t least,
                                  std::uint64_t most) const;
    Result<bool> boolean(std::string_view name) const;  // true, false, 1, 0; not given: false
    // A time as query/time_text.h reads it.
    Result<std::int64_t> time_ms(std::string_view name, std::int64_t fallback, std::int64_t now_ms) const;

  private:
    std::vector<std::pair<std::string_view, std::string_view>> given_;
};

}  // namespace nmstore::server
