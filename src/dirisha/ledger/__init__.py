"""The books: accounts, journals, movements, balances. Client accounts have a balance row, control ones are folded."""
