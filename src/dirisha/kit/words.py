"""Words for people: one TOML file a language and room, keys like `repay.done`, variables in braces.

    WORDS = Words.beside(__file__, "texts")
    WORDS.say("sw", "repay.done", amount="KES 500.00", reference="R7K4-…")

English is complete by definition; another language falls back to it key by key, and a test says where it would.
"""

from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import Any


class Words:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._texts = {
            path.stem: _flat(tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml"))
        }

    @classmethod
    def beside(cls, module_file: str, folder: str) -> Words:
        return cls(Path(module_file).parent / folder)

    @property
    def languages(self) -> list[str]:
        return list(self._texts)

    def keys(self, language: str = "en") -> list[str]:
        return list(self._texts[language])

    def has(self, key: str) -> bool:
        return key in self._texts["en"]

    def template(self, language: str, key: str) -> str:
        """Raises `KeyError` for a key that not even English has: a fault of ours."""
        return self._texts.get(language, {}).get(key) or self._texts["en"][key]

    def say(self, language: str, key: str, **variables: Any) -> str:
        return self.template(language, key).format(**variables)

    def variables(self, language: str, key: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(self.template(language, key)) if name}


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value).strip("\n")
    return flat
