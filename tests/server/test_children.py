"""Who takes leave of dead children."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os
from dirisha.server.children import reap_strangers

def ended(code):
    pid = os.fork()
    if pid == 0:
        os._exit(code)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid

strangers = [ended(1), ended(2)]
known = ended(7)
reap_strangers({known})
for pid in strangers:
    try:
        os.waitpid(pid, 0)
        print("left")
    except ChildProcessError:
        print("reaped")
print(os.waitstatus_to_exitcode(os.waitpid(known, 0)[1]))
reap_strangers(set())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there we adopt strangers")
def test_dead_strangers_are_reaped_and_known_ones_keep_their_status() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=30)

    assert run.stdout.split() == ["reaped", "reaped", "7"]
