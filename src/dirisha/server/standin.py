"""The demo's core bank as a program beside web and worker: a stand-in of Apache Fineract.

It alone is told of the folder in which the institution lies whose books it opens.
"""

from __future__ import annotations

from dirisha.server.process import Process
from dirisha.server.up import Program, a_free_port

CORES = NATIVE, FINERACT = ("native", "fineract")
PORTS_FURTHER = 443  # 8443 beside 8000


def program(process: Process) -> Program:
    port = a_free_port(process.port + PORTS_FURTHER)
    command = ("simulate", "fineract", "--port", str(port), "--password-file", str(process.fineract_password))
    return Program(FINERACT, command, {"DIRISHA_INSTITUTIONS": str(process.core_folder)}, port)


def address(fineract: Program) -> str:
    return f"http://127.0.0.1:{fineract.port}"
