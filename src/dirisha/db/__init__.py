"""The database: one connection that follows the institution, transactions by name, named SQL, roles, the horizon."""
