"""Every question a person can ask, each through a view that has a scope."""
