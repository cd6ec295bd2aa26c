namespace nmstore::tools {}
