"""Savings accounts."""
