namespace nmstore::server {}
