"""Who did what, when, through which door: rows that nobody may change, sealed each second into one chain."""
