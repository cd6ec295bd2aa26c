// One JSON object of a body, read into its members as they stand, for decoders that decide by all the names
// together what each member is.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::ingest {

struct JsonMember {
    enum class Kind { text, number, literal, null, nested };
    std::string_view name;      // decoded
    std::string_view raw_name;  // between its quotes
    std::string_view
        raw;  // the value; of kind text what stands between its quotes. Of kind nested not checked yet
    Kind kind = Kind::null;
    bool escaped = false;  // of kind text: there are escapes in it
};

// Keeps its memory from one object to the next. One thread.
class JsonObjectReader {
  public:
    JsonObjectReader();
    ~JsonObjectReader();
    // Reads the object that `text` is, with at least kBodyPadding readable bytes behind it. Members keep
    // their order, and are valid until the next call and as long as `text`. invalid_argument says what is
    // wrong with it.
    Result<void> read(std::string_view text);
    // The quick way for what most lines are: an object of ASCII texts without escapes, numbers and literals.
    // Reads the one that `text` begins with, with as many readable bytes behind it, and tells its size.
    // false: it is none of these, or no object at all: read() knows.
    bool read_flat(std::string_view text, std::size_t& size);
    const std::vector<JsonMember>& members() const { return members_; }

  private:
    struct Parser;

    std::unique_ptr<Parser> parser_;
    std::vector<JsonMember> members_;
    std::deque<std::string> decoded_names_;
};

}  // namespace nmstore::ingest
