// What the old page asks on its socket, one JSON message at a time, and what it is answered; no socket here.
//
//   {"type":"get","request":"logs","data":"10.0.0.1","subRequest":S}
//   {"type":"logs","request":"get","data":"{\"/var/log/syslog\":\"1321900000000\"}","origin":"server"}
//   {"type":"error","request":"get","of":"logs","number":7,"code":"invalid_argument","data":"…","origin":"server"}
//
// docs/api.md tells what there is to ask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "server/routes.h"

namespace nmstore::server {

// Of the cells in one answer; who wants more asks again.
inline constexpr std::size_t kMaxPageAnswerBytes = std::size_t{16} << 20;

// The answer to a message: always one, whatever the message is. `number`: of the message on its socket, told
// in errors. `gone`: whether nobody waits for the answer any more. May take as long as a query; any thread.
std::string answer_page(Context& context, const Principal& asker, std::uint64_t number,
                        std::string_view message, const std::function<bool()>& gone);

std::string page_error(std::string_view verb, std::string_view type, std::uint64_t number,
                       const Error& error);

// What a page is told first: the id of its connection.
std::string page_greeting(std::string_view id);

}  // namespace nmstore::server
