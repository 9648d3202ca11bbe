"""Notices: what may be said, in which words, to whom, and the outbox that says it after the commit."""
