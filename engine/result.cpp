#include "nmstore/result.h"

namespace nmstore {

std::string_view code_name(Code code) {
    switch (code) {
        case Code::invalid_argument: return "invalid_argument";
        case Code::not_found: return "not_found";
        case Code::conflict: return "conflict";
        case Code::too_large: return "too_large";
        case Code::busy: return "busy";
        case Code::unavailable: return "unavailable";
        case Code::cancelled: return "cancelled";
        case Code::deadline_exceeded: return "deadline_exceeded";
        case Code::limit_exceeded: return "limit_exceeded";
        case Code::corruption: return "corruption";
        case Code::io: return "io";
        case Code::unsupported: return "unsupported";
    }
    return "unknown";
}

}  // namespace nmstore
