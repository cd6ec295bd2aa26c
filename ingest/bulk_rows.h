// The shape that both bulk bodies of CloudSandra share, walked: rows with a key and columns, columns with
// named members.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::ingest {

// A member's value. Text is decoded; a number's is as it was written.
struct BulkScalar {
    enum class Kind { absent, null, text, number, other };  // other: true, false, an object or an array
    Kind kind = Kind::absent;
    std::string_view text;  // of kinds text and number

    bool has_text() const { return kind == Kind::text || kind == Kind::number; }
    // Not there, null, or an empty text: as old agents leave a thing out.
    bool is_blank() const {
        return kind == Kind::absent || kind == Kind::null || (kind == Kind::text && text.empty());
    }
};

class BulkColumnSink {
  public:
    virtual ~BulkColumnSink() = default;
    // One column, in the order of the body: its row's key, and the members asked for, in the order asked for.
    // `reason` is "" or says why the column is none (then `members` are all absent). An Error ends the walk.
    virtual Result<void> column(const BulkScalar& row, std::span<const BulkScalar> members,
                                std::string_view reason) = 0;
};

inline constexpr std::size_t kMaxBulkMembers = 4;

// Reads a padded body (see body.h; another is copied first), handing each column to the sink.
// invalid_argument: it is not JSON of this shape; the sink may have got columns before that was seen. Members
// may come in any order, and of a member that stands twice the last counts; members that nobody asked for are
// passed over.
Result<void> read_bulk_rows(const std::string& body, std::span<const std::string_view> members,
                            BulkColumnSink& sink);

}  // namespace nmstore::ingest
