"""`make promises`: which numbered promise of security has a test, and which test shows it.

The numbers are those of the field's list (I identity, A authorisation, M money, U USSD and SMS, P platform). A test
carries one with `@pytest.mark.security("I-03")`, after it has been seen to fail with its guard removed.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path

PROMISED = {
    "I-02": "the same answer for unknown, locked and enrolled people",
    "I-03": "failed attempts lock; a warning comes first; the owner is told",
    "I-04": "a failure does not say which part was wrong",
    "I-06": "parallel checks of one code: exactly one success",
    "I-17": "cookies, and forged requests",
    "A-01": "every route with every foreign object: refused alike, nothing moved",
    "A-02": "every act and question has a policy",
    "A-05": "one institution can't read, count or reach another",
    "A-08": "no secret in logs, audit, addresses, metrics or messages",
    "M-01": "the same key: the same result; with another body a conflict",
    "M-02": "lost replies and crashes: at most one posting, finally known",
    "M-03": "a proof covers amount and payee; any change voids it",
    "M-09": "the books balance after every step",
    "M-10": "money is booked on the core's business date",
    "M-11": "messages follow the commit, and say what the ledger says",
    "U-01": "a PIN for every transaction, counted, blocked, in no log",
    "U-02": "no name, balance or account before the PIN",
    "U-09": "every screen within its limit; every input answered",
    "U-10": "a duplicate request: the same screen, one posting; confirmed by SMS",
    "U-12": "an SMS from an unknown or false sender is harmless",
    "P-01": "policy headers on every page",
    "P-05": "time-outs, retries and a breaker to each upstream; a slow core does not hold USSD beyond its seconds",
    "P-03": "errors have a code, words and a reference, and no trace",
}


def shown() -> dict[str, list[str]]:
    """Tests by the promise that they carry."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("mark.security"):
                    for argument in decorator.args:
                        found[str(ast.literal_eval(argument))].append(
                            f"{path.relative_to(Path(__file__).parent)}::{node.name}"
                        )
    return found


def main() -> int:
    found = shown()
    for promise, words in PROMISED.items():
        print(f"{promise}  {words}")
        for test in found.get(promise, ["NO TEST"]):
            print(f"      {test}")
    beyond = sorted(set(found) - set(PROMISED))
    for promise in beyond:
        print(f"{promise}  (beyond the list)")
        for test in found[promise]:
            print(f"      {test}")
    missing = [promise for promise in PROMISED if promise not in found]
    print(
        f"{len(PROMISED) - len(missing)} of {len(PROMISED)} promises have a test"
        + (f"; without: {missing}" if missing else "")
    )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
