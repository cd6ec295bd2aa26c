// A line that was found, as it is written out: for a person, or as one JSON object.
#pragma once

#include <string>
#include <vector>

#include "tools/source.h"

namespace nmstore::tools {

struct HitStyle {
    bool json = false;
    bool raw = false;    // the text alone
    bool escape = true;  // make control characters visible; raw text for a pipe is written as it is
    bool colored = false;
    std::vector<std::string> highlights;  // lower case; used when colored
};

// Without a newline at its end.
std::string hit_text(const Hit& hit, const HitStyle& style);

// {"time":ms,"client":…,"log":…,"line":…,"id":…[,"kind":…][,"fields":{…}][,"partial":true][,"event":…]}
std::string hit_json(const Hit& hit);

// What `query` looks for, to be highlighted; empty if it cannot be read.
std::vector<std::string> query_highlights(const std::string& query);

}  // namespace nmstore::tools
