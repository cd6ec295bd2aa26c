#include "server/machine_list.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "nmstore/escape.h"
#include "query/machines.h"
#include "server/api_answer.h"
#include "server/json_writer.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

Error wrong(const std::string& where, std::string_view why) {
    return Error{Code::invalid_argument, where + ": " + std::string(why)};
}

// What holds however the list is written.
class Machines {
  public:
    Result<void> add(ListedMachine machine, const std::string& where) {
        if (machine.machine.empty()) return wrong(where, "it has no machine");
        for (const std::string* text : {&machine.machine, &machine.name, &machine.group}) {
            if (text->size() > kMaxMachineText || !is_valid_utf8(*text))
                return wrong(where, "expected texts of UTF-8 of at most " + std::to_string(kMaxMachineText) +
                                        " bytes");
        }
        if (all_.size() == kMaxMachines)
            return wrong(where, "there may be " + std::to_string(kMaxMachines) + " machines");
        if (!names_.insert(machine.machine).second)
            return wrong(where, "the machine \"" + machine.machine + "\" was there before");
        all_.push_back(std::move(machine));
        return {};
    }
    std::vector<ListedMachine> take() { return std::move(all_); }

  private:
    std::vector<ListedMachine> all_;
    std::unordered_set<std::string> names_;
};

Result<ListedMachine> read_machine(const Json& json, const std::string& where) {
    if (!json.is_object()) return wrong(where, R"(expected an object, {"machine":"10.0.0.1"})");
    ListedMachine machine;
    for (const auto& [key, value] : json.items()) {
        std::string* text = key == "machine" ? &machine.machine
                            : key == "name"  ? &machine.name
                            : key == "group" ? &machine.group
                                             : nullptr;
        if (text == nullptr) return wrong(where, "a machine has the members machine, name and group");
        if (value.is_null() && text != &machine.machine) continue;
        if (!value.is_string()) return wrong(where, key + " must be a text");
        *text = value.get<std::string>();
    }
    return machine;
}

Result<void> put(CellBatch& batch, const ListedMachine& machine) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    if (!machine.name.empty()) json.member("name", machine.name);
    if (!machine.group.empty()) json.member("group", machine.group);
    json.end_object();
    // As all of the index: who reads it unescapes it, until nothing changes.
    std::string value = escape(text);
    if (unescape_fully(value) != text) value = escape(value);
    return batch.put(query::kMachinesRow, machine.machine, value);
}

}  // namespace

Result<std::vector<ListedMachine>> parse_machines_json(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_array())
        return Error{Code::invalid_argument, R"(expected a list in JSON, [{"machine":"10.0.0.1"}])"};
    Machines machines;
    std::size_t place = 0;
    for (const Json& one : json) {
        const std::string where = "machine " + std::to_string(++place);
        NM_ASSIGN(ListedMachine machine, read_machine(one, where));
        NM_TRY(machines.add(std::move(machine), where));
    }
    return machines.take();
}

Result<std::vector<ListedMachine>> parse_machines_lines(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r";
    Machines machines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        std::vector<std::string> words;
        for (;;) {
            line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
            if (line.empty() || (words.empty() && line.front() == '#')) break;
            words.emplace_back(line.substr(0, line.find_first_of(kBlanks)));
            line.remove_prefix(words.back().size());
        }
        if (words.empty()) continue;
        const std::string where = "line " + std::to_string(number);
        if (words[0].find_first_of(",;") != std::string::npos)
            return wrong(where, "expected MACHINE NAME GROUP with blanks between, and no commas");
        if (words.size() > 3) return wrong(where, "expected MACHINE NAME GROUP, with blanks between");
        words.resize(3);
        NM_TRY(machines.add({words[0], words[1], words[2]}, where));
    }
    return machines.take();
}

Result<void> store_machines(Store& store, const std::vector<ListedMachine>& machines) {
    NM_ASSIGN(const std::unique_ptr<CellBatch> batch, store.begin_cells(kIndexFamily));
    NM_TRY(batch->remove_row(query::kMachinesRow));
    for (const ListedMachine& machine : machines) NM_TRY(put(*batch, machine));
    NM_TRY(batch->commit());
    return {};
}

Result<void> store_machine(Store& store, const ListedMachine& machine) {
    Machines checked;
    NM_TRY(checked.add(machine, "the machine"));
    NM_ASSIGN(const std::unique_ptr<CellBatch> batch, store.begin_cells(kIndexFamily));
    NM_TRY(put(*batch, machine));
    NM_TRY(batch->commit());
    return {};
}

}  // namespace nmstore::server
