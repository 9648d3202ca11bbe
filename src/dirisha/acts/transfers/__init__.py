"""Money between accounts."""
