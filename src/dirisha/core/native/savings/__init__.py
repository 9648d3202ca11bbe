"""The arithmetic of savings, fixed and recurring deposits, and shares. No database, no clock, nothing ambient."""
