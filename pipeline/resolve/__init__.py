"""Giving what was extracted its identity: names to actors, figures to spending, money to euros. Pure functions."""
