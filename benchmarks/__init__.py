"""Benchmarks: each prints ratios within one run against a named baseline. Nothing here is a test.

The last measured figures, with command, data and date, stand in `RESULTS.md`.
"""
