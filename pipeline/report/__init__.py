"""The report: one HTML page to look at, made from the published tables. No row is computed here."""
