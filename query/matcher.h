// A filter made ready to be asked about lines: one at a time, exactly, reading nothing but the line.
// This is the plain meaning of the language; whatever is faster is compared with it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nmstore/line.h"
#include "query/filter.h"

namespace nmstore::query {

// Names by which a client is also known (its tag). Asked once for a run of lines of one row; from any thread.
using ClientNames = std::function<std::vector<std::string>(std::string_view client)>;

class Matcher {
  public:
    virtual ~Matcher() = default;
    virtual bool matches(const Line& line) const = 0;
    // false: no line of this row can match (client, log and kind are of the row), so it need not be opened.
    virtual bool may_match(const LogRow& row) const = 0;
    // To be called when names of clients have changed, while nobody asks: what is known of rows is found out
    // anew.
    virtual void forget_rows() = 0;
};

// Whether nobody waits for it any more. Asked before what takes long, on the caller's thread.
using IsGone = std::function<bool()>;

// invalid_argument: a regular expression that RE2 does not take (says where and why), or that needs too much
// memory; cancelled: `gone` said so. Safe to ask from several threads.
Result<std::unique_ptr<Matcher>> compile(const Filter& filter, ClientNames names = {},
                                         const IsGone& gone = {});

// The level of a line: its field `level`, `severity`, `lvl` or `priority`, else the first word near its
// beginning that is one. Lower case, one of: fatal error warn notice info debug trace, or "" when it tells
// none.
std::string_view level_of(const Line& line);

// A field of a line: of those that came with it, else of its text if that is JSON or logfmt. Nested by dots.
// nullopt: not there. Strings come without quotes, others as their JSON text.
std::optional<std::string> field_of(const Line& line, std::string_view name);

// Every field of a line as field_of() tells it, until `each` returns false: those that came with it first. A
// name may come more than once, of which the first counts. Of nested objects the members come, not the
// objects, eight of them deep.
void for_each_field(const Line& line,
                    const std::function<bool(std::string_view name, std::string_view value)>& each);

// Shell-like glob: '*' any run, '?' one character; case-sensitive.
bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace nmstore::query
