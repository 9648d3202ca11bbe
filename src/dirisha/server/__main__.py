"""`python -m dirisha.server …` is the command `dirisha`."""

from dirisha.server.cli import main

main()
