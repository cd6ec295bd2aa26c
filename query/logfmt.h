// logfmt as it is found in real lines: name=value and name="quoted value", between any other text.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace nmstore::query {

// The first value of `name`; nullopt if the text has no such pair. Takes time linear in the text.
//  - A name stands at the beginning, or behind a blank or one of , ; ( [ {  and '=' follows it at once.
//  - A quoted value ends at its '"'; \" \\ \n \r \t are escapes in it. If it never ends, it is read as a bare
//  one.
//  - A bare value ends at a blank, or at ',' or ';' that a blank, the end or another name= follows; ')' ']'
//  '}' behind it that
//    it does not open itself are not of it.
std::optional<std::string> logfmt_field(std::string_view text, std::string_view name);

// Every pair of the text in turn, also further ones of one name, read as above, until `each` returns false.
void for_each_logfmt_field(std::string_view text,
                           const std::function<bool(std::string_view name, std::string value)>& each);

}  // namespace nmstore::query
