"""Institutions: the TOML that each one writes, and which of them the present call is for."""
