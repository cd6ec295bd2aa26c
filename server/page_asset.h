// The web page, as it is built into the program: index page and what it is made of. Any thread.
#pragma once

#include "server/http.h"
#include "ui/page_files.h"

namespace nmstore::server {

// GET /: the index page; one line of text if the program was built without the page.
Response page_index(const Request& request);
// GET /assets/{name}; 404 for what is not there.
Response page_asset(const Request& request);

// A file as the request wants it: packed with gzip if it takes that, or 304 if it has it already.
Response page_file(const Request& request, const ui::PageFile& file);

}  // namespace nmstore::server
