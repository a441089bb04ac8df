"""Files: the raw store, batches of Parquet, the staging database, and its publication. No text is understood here."""
