"""The arithmetic of loans: terms and events in, figures out. No database, no clock, nothing ambient.

Equal to the reference core's (Apache Fineract) to the cent; `make goldens` shows it against recordings.
"""
