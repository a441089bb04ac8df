"""Data-quality checks: questions to the staging tables whose answer is a number. Dagster hears of them in `assets`."""
