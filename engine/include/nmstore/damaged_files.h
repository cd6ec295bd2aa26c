// The damaged files of a data directory that is too damaged to be opened as a store: they are read one by
// one.
#pragma once

#include <string>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/store.h"

namespace nmstore {

// One text a file, naming it. corruption: not even the list of files can be read.
Result<std::vector<std::string>> damaged_files(const std::string& data_directory, const Progress& progress);

}  // namespace nmstore
