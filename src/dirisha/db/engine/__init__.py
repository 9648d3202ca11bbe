"""Django's PostgreSQL backend, with one alias whose database follows the current institution."""
