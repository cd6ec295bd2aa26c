// A full copy of another hub that is being written here (nmstore/journal.h).
//
// It replaces row after row with what the copied hub had at one moment, the cut. What has been written here,
// or has come here from others, and was not known there at the cut, is overwritten where it stands in a row
// that the copy has still to come to. All of it is in this hub's own journal, of which nothing goes while the
// copy comes (`pin`); once it has ended, that is written again (engine/copy_retelling.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "engine/journal_positions.h"
#include "engine/source_marks.h"
#include "nmstore/journal.h"

namespace nmstore {

// In meta's `positions`, under `r` and the id of the hub that made the copy.
struct CopyReception {
    static constexpr ChangeNumber kNoJournal = UINT64_MAX;
    std::uint64_t stamp = 0;  // of all records of the copy
    ChangeNumber pin = 0;     // of this hub's journal: nothing from here on may go; kNoJournal: it keeps none
    ChangeNumber since = 0;   // likewise: its parts, and those of copies whose place it takes, are behind
    ChangeNumber retold = 0;  // likewise: what is before it has been written again
    bool ended = false;
    // The hub that it was made for, this one or who passes it on (engine/write_stamps.h, hub_number).
    std::uint64_t target = 0;
    std::int64_t moved_ms = 0;  // when its last part came
};
void put_reception(kv::Batch& batch, std::string_view maker, const CopyReception& reception);
Result<std::optional<CopyReception>> read_reception(const Core& core, std::string_view maker);
using CopyReceptions = std::map<std::string, CopyReception>;  // by maker
Result<CopyReceptions> read_receptions(const Core& core);
Result<std::vector<IncomingCopy>> incoming_copies(const Core& core);  // see Store
void remove_reception(kv::Batch& batch, std::string_view maker);

// Before a copy is cut that is to come on a link of its own: what it may overwrite is kept from now on. The
// stamp is 0, or of an earlier one that has not ended, until it begins.
Result<void> prepare_reception(Core& core, kv::Batch& batch, std::string_view maker);

// What the copied hub knew at the cut, under `k` and its id: a record of a journal with nothing else in it.
struct CopyCut {
    std::map<std::string, ChangeNumber, std::less<>> reached;           // by hub, also the maker
    std::map<std::string, ChangeNumber, std::less<>> reached_filtered;  // likewise, through filters
    std::map<std::string, SourceMarks, std::less<>> sources;

    bool take_place(const JournalStep& step);  // false: it tells of none
};
void put_cut(kv::Batch& batch, std::string_view maker, std::string_view record);
Result<CopyCut> read_cut(const Core& core, std::string_view maker);

// How far a hub was known here before the copy's cut raised that, by its id; under `u` and the maker's id.
struct PlaceBefore {
    OriginPosition known;
    ChangeNumber brought = 0;
};
using PlacesBefore = std::map<std::string, PlaceBefore>;
void put_places_before(kv::Batch& batch, std::string_view maker, const PlacesBefore& places);
Result<std::optional<PlacesBefore>> read_places_before(
    const Core& core,
    std::string_view maker);  // nullopt: it is of some rows

// Of a copy that is given up: of what its cut knew some rows have come, and others have not, so that neither
// the places from before are true nor those that it has raised. They are as before again, all links of hubs
// are gone, whose full copies have to come, and until one has this hub is half of another (`h`,
// incoming_copies()) and makes none. Where it raised nothing all is here.
Result<void> give_up(const Core& core, kv::Batch& batch, std::string_view maker, const PlacesBefore& places);
void remove_given_up(kv::Batch& batch, std::string_view maker);  // it counts as whole
Result<void> note_whole(const Core& core, kv::Batch& batch,
                        std::string_view maker);  // the maker's copy has ended: if all rows were in it

// For those that have not ended; with all of them, also when the store is opened.
void pin_journal(Core& core, const CopyReceptions& receptions);

// A copy that begins: what has to be kept for it, and for those that have not ended and that it takes the
// place of. Their makers learn from the link, which is gone, that they have to begin anew. What they have
// raised goes to `places_before`.
struct BegunCopy {
    std::string_view maker;
    std::uint64_t stamp = 0;
    ChangeNumber since = 0;
    bool in_part = false;  // it takes the place of the maker's own only
};
Result<CopyReception> begin_reception(Core& core, kv::Batch& batch, const BegunCopy& begun,
                                      PlacesBefore& places_before);

struct ComingCopy {
    std::string_view maker;
    std::string_view sender;  // the maker, or who passes it on
    bool in_part = false;
};
// busy: the copied hub did not know all that this one knows of another, by its cut, and this one's journal
// does not have it: it would be lost, as nobody sends it again. A later cut may know it. Of a copy that is
// passed on only those others count that send here themselves: what came by way of the sender it has lost as
// well. So it is where the copied hub got only some rows of what this one knows: the net cannot tell them
// apart.
Result<void> check_known_at_cut(Core& core, const ComingCopy& copy, const CopyCut& cut);

// busy: a copy of the hub moved within the last ten minutes. Two at once would overwrite each other.
Result<void> check_no_copy(const Core& core, std::string_view maker);
Result<void> check_no_other_copy(const Core& core, std::string_view maker);  // likewise: one of another hub

}  // namespace nmstore
