"""Training: what makes the models and weights that the project ships, from corpora that it does not ship."""
