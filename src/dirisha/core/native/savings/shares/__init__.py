"""Shares of an institution held by its clients: bought, approved, redeemed, with dividends on them."""
