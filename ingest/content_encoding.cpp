#include "ingest/body.h"

namespace nmstore::ingest {}
