"""Demo institutions: a named cast and a year of history, made by the real acts; and a handset to try them with."""
