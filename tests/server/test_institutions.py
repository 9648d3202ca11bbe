"""Institutions' files, read again while a process serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirisha.server.institutions import AllowedHosts
from dirisha.tenants.institution import BadInstitution
from dirisha.tenants.registry import Registry
from tests.server.conftest import INSTITUTION


def write(folder: Path, slug: str, *, hosts: str = "", extra: str = "") -> Path:
    file = folder / f"{slug}.toml"
    file.write_text(INSTITUTION.format(slug=slug) + f"hosts = [{hosts}]\n" + extra)
    return file


def test_an_institution_that_is_added_is_found_at_once_and_one_removed_is_gone(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    hosts = AllowedHosts([".localhost"], registry)
    assert (registry.all(), list(hosts)) == ([], [".localhost"])

    file = write(tmp_path, "umoja", hosts='"umoja.example"')
    assert [each.slug for each in registry.all()] == ["umoja"]
    assert registry.by_host("Umoja.example:443") == registry.by_slug("umoja")
    assert list(hosts) == [".localhost", "umoja.example"]

    file.unlink()
    assert (registry.all(), list(hosts)) == ([], [".localhost"])


def test_a_slip_in_a_file_puts_nobody_out_of_doors(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    write(tmp_path, "umoja")
    write(tmp_path, "pili")
    before = registry.all()

    write(tmp_path, "pili", extra="colour = 'red'\n")
    assert registry.all() == before

    write(tmp_path, "pili", hosts='"pili.example"')
    assert registry.by_host("pili.example") == registry.by_slug("pili")


def test_at_the_first_look_a_slip_is_refused_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "umoja", extra="colour = 'red'\n")

    with pytest.raises(BadInstitution, match=r"umoja\.toml: colour"):
        Registry(tmp_path).all()
