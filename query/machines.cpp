#include "query/machines.h"

#include <set>
#include <unordered_map>

#include "query/index_row.h"
#include "query/inventory.h"

namespace nmstore::query {
namespace {

// Clients by what else they are called.
class OtherNames {
  public:
    void add(const std::string& name, const ClientInfo& client) {
        if (name.empty()) return;
        const ClientInfo*& known = by_name_[name];
        if (known == nullptr || known->last_seen_ms < client.last_seen_ms) known = &client;
    }
    const ClientInfo* find(const std::string& name) const {
        const auto at = by_name_.find(name);
        return at == by_name_.end() ? nullptr : at->second;
    }

  private:
    std::unordered_map<std::string, const ClientInfo*> by_name_;
};

void set_client(MachineInfo& machine, const ClientInfo& client) {
    machine.client = client.client;
    machine.external = client.external;
    machine.last_seen_ms = client.last_seen_ms;
    machine.reports = !client.down;
    if (machine.name.empty()) machine.name = client.tag;
}

}  // namespace

Result<std::vector<MachineInfo>> machines(const Store& store, std::int64_t now_ms) {
    NM_ASSIGN(const std::vector<ClientInfo> known, clients(store, now_ms));
    OtherNames own, external, tags;
    for (const ClientInfo& client : known) {
        own.add(client.client, client);
        external.add(client.external, client);
        tags.add(client.tag, client);
    }
    std::vector<MachineInfo> all;
    std::set<std::string_view> found;
    NM_TRY(each_index_cell(store, kMachinesRow, [&](const Cell& cell) {
        MachineInfo machine;
        machine.machine = cell.column;
        machine.expected = true;
        machine.name = index_member(cell.value, "name");
        machine.group = index_member(cell.value, "group");
        // A text alone is the name; of an object that has none the text would be all of it.
        const std::string text = machine.name.empty() ? index_text(cell.value) : std::string();
        if (!text.starts_with('{')) machine.name += text;
        for (const OtherNames* names : {&own, &external, &tags}) {
            const ClientInfo* client = names->find(cell.column);
            if (client == nullptr) continue;
            set_client(machine, *client);
            found.insert(client->client);
            break;
        }
        all.push_back(std::move(machine));
    }));
    for (const ClientInfo& client : known) {
        if (found.contains(client.client)) continue;
        MachineInfo machine;
        machine.machine = client.client;
        set_client(machine, client);
        all.push_back(std::move(machine));
    }
    return all;
}

}  // namespace nmstore::query
