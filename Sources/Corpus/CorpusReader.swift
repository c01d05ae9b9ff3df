// Replaced by the corpus readers.
