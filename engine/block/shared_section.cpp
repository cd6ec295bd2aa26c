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

bool read_shared_dictionary(std::string_view bytes, SharedValues& shared) {
    shared.numbers.number = true;
    if (bytes.empty()) return true;
    Reader reader(bytes);
    reader.planes(reader.size(kMaxSharedValues), shared.numbers.numbers);
    shared.texts.ends.resize(reader.size(kMaxSharedValues));
    shared.texts.bytes = reader.texts(shared.texts.ends, bytes.size());
    return !reader.failed() && reader.at_end();
}

}  // namespace nmstore::block
