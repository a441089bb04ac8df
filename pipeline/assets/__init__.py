"""The Dagster layer: each module is one step of the refresh, a thin shell around what does the work."""
