"""Pages that describe the house are true: rooms, words, decisions, promises, commands."""

from __future__ import annotations

import re
import subprocess

from tests.house.source import PACKAGE, ROOT

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def _rooms_on_disk() -> set[str]:
    return {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}


def test_the_list_of_rooms_equals_the_folders() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", ARCHITECTURE, re.MULTILINE))
    assert listed == _rooms_on_disk()


def test_the_doors_and_adapters_that_are_named_exist() -> None:
    for room, words in re.findall(r"^\| `(\w+)` \| (.*) \|$", ARCHITECTURE, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", words):
            if name != "dirisha" and name != "up":
                assert (PACKAGE / room / name).exists() or (PACKAGE / room / f"{name}.py").exists(), (room, name)
    doors = {path.name for path in (PACKAGE / "channels").iterdir() if (path / "__init__.py").exists()}
    assert doors == set(re.findall(r"`(\w+)`", re.search(r"the doors, which only translate: (.*) \|", ARCHITECTURE)[1]))  # type: ignore[index]


def test_the_glossary_is_in_order_and_each_word_is_used() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    words = re.findall(r"^\| ([A-Za-z][\w -]*?) \| ", glossary, re.MULTILINE)[1:]
    assert words == sorted(words, key=str.lower)
    source = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py")).lower()
    unused = [word for word in words if word.lower().split(" ")[-1].rstrip("s") not in source]
    assert unused == []


def test_a_word_that_is_not_ours_is_nowhere() -> None:
    """One word an idea: what the glossary calls an act is no operation, and a person's message is a notice."""
    found = [
        f"{path.relative_to(PACKAGE)}: {word}"
        for path in PACKAGE.rglob("*.py")
        for word in re.findall(r"\bclass \w*(?:Operation|Helper|Manager|Util)\w*", path.read_text("utf-8"))
    ]
    assert found == []


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        assert path.name in index, path.name
        text = path.read_text("utf-8")
        for part in ("Situation", "Choice", "Price"):
            assert part in text, f"{path.name} has no {part}"
        assert len(text.splitlines()) <= 60, f"{path.name} is more than a screen"


def test_documents_name_files_that_exist() -> None:
    """Paths in backquotes with a slash or a known ending, in the papers at the root and under docs."""
    missing = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for name in re.findall(r"`([\w./-]+\.(?:py|md|sql|toml))`", page.read_text("utf-8")):
            places = (ROOT / name, PACKAGE / name, page.parent / name)
            if "<" not in name and not any(place.exists() for place in places):
                missing.append(f"{page.name}: {name}")
    assert missing == []


def test_no_registry_address_no_machine_path_and_no_secret_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    bad = re.compile(
        r"pypi\.org|files\.pythonhosted|registry\.npmjs|/work/main|/work/shared|/root/\.pyenv|BEGIN [A-Z ]*PRIVATE KEY"
    )
    found = [
        name
        for name in tracked
        if name.endswith(
            (".py", ".md", ".toml", ".lock", ".sql", ".txt", ".sh", ".run", "Makefile", ".html", ".css", ".js")
        )
        and name != "tests/house/test_docs.py"
        and bad.search((ROOT / name).read_text("utf-8", errors="ignore"))
    ]
    assert found == []
