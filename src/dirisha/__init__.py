"""Dirisha: self-service channels for microfinance institutions."""
