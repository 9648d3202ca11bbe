"""What a core bank's own staff sees of the books: every client's, whole. For the stand-in, which is such a core.

Run as `dirisha_books`, which no row-level security holds back: nothing of the product's doors reads this way.
"""

from __future__ import annotations

from dirisha.db.statements import Statements

BRANCH = Statements.beside(__file__, "sql/branch.sql")
