// Replaced by the RocksDB-backed partition.
