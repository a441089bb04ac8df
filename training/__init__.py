"""Training: what makes the models and weights that the project ships, from corpora that it does not ship."""

IGNORED = -100
"""The target of a word from which nothing is learned; torch passes over it."""
