#include "engine/block/shared_section.h"

#include "engine/block/block.h"
#include "engine/block/summary.h"

namespace nmstore::block {

bool is_plain_number(std::string_view value) {
    std::uint64_t number = 0;
    return parse_digits(value, number) && (value.size() == 1 || value[0] != '0');
}

std::string write_shared_dictionary(const SharedDictionary& shared) {
    std::string out;
    if (shared.values.empty()) return out;
    std::vector<std::uint64_t> numbers;
    std::string sizes;
    std::string texts;
    for (const auto value : shared.values) {
        if (is_plain_number(value)) {
            (void)parse_digits(value, numbers.emplace_back());
        } else {
            put_varint(sizes, value.size());
            texts += value;
        }
    }
    put_varint(out, numbers.size());
    put_planes(out, numbers);
    put_varint(out, shared.values.size() - numbers.size());
    return out.append(sizes).append(texts);
}

bool read_shared_dictionary(std::string_view bytes, ColumnValues& numbers, SharedDictionary& shared) {
    if (bytes.empty()) return true;
    Reader reader(bytes);
    reader.planes(reader.size(kMaxSharedValues), shared.numbers);
    std::vector<std::size_t> sizes(reader.size(kMaxSharedValues));
    for (auto& size : sizes) size = reader.size(bytes.size());
    if (reader.failed()) return false;
    numbers.reserve(shared.numbers.size());
    for (const std::uint64_t number : shared.numbers) numbers.add_number(number, 0);
    shared.values.reserve(shared.numbers.size() + sizes.size());
    for (std::size_t i = 0; i < shared.numbers.size(); ++i) shared.values.push_back(numbers[i]);
    for (const std::size_t size : sizes) shared.values.push_back(reader.bytes(size));
    return !reader.failed() && reader.at_end();
}

}  // namespace nmstore::block
