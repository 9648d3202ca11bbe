"""The process: settings, Django, the command line, the embedded PostgreSQL and its supervisor."""
