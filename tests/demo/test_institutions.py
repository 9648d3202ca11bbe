"""The demo's files: made once, pointed to where the simulators are at each start, otherwise whoever edits them is heard."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dirisha.demo.institutions import CORE, DEMO, FAR, Places, rest, write_file
from dirisha.tenants.institution import FINERACT, NATIVE, Institution, read_institution

SECRETS = {"hook": "a-hook-secret-0123456789abcdef0123456789", "key": "a-key"}
PLACES = Places("http://127.0.0.1:8000", "http://127.0.0.1:8443", Path("/nowhere/password"))


def _written(folder: Path, slug: str, places: Places = PLACES) -> Institution:
    write_file(slug, folder, places, SECRETS)
    return read_institution(folder / f"{slug}.toml")


@pytest.mark.parametrize("slug", [each.slug for each in (*DEMO, FAR, CORE)])
def test_each_file_is_that_of_a_demo_and_its_owners_alone(tmp_path: Path, slug: str) -> None:
    institution = _written(tmp_path, slug)

    assert (institution.slug, institution.demo) == (slug, True)
    assert stat.S_IMODE((tmp_path / f"{slug}.toml").stat().st_mode) == 0o600


def test_the_far_ones_books_are_of_the_same_country_and_have_no_door(tmp_path: Path) -> None:
    far, core = _written(tmp_path, FAR.slug), _written(tmp_path, CORE.slug)

    assert (far.core, core.core) == (FINERACT, NATIVE)
    for same in ("country", "currency", "time_zone", "languages"):
        assert getattr(far, same) == getattr(core, same), same
    assert (core.carrier, core.hosts) == (None, ())
    assert far.fineract is not None
    assert far.fineract.url == "http://127.0.0.1:8443/fineract-provider"
    assert far.fineract.password_file == Path("/nowhere/password")


def test_it_is_pointed_anew_to_where_the_simulators_are(tmp_path: Path) -> None:
    before = _written(tmp_path, FAR.slug)

    after = _written(tmp_path, FAR.slug, Places("http://127.0.0.1:9000", "http://127.0.0.1:9443"))

    assert after.fineract is not None and after.carrier is not None and before.carrier is not None
    assert after.fineract.url == "http://127.0.0.1:9443/fineract-provider"
    assert after.carrier.api_url == before.carrier.api_url.replace(":8000/", ":9000/")
    assert after.fineract.password_file == Path("/nowhere/password")
    assert after.carrier.hooks == before.carrier.hooks


def test_who_points_it_to_a_fineract_of_ones_own_is_heard(tmp_path: Path) -> None:
    _written(tmp_path, FAR.slug)
    path = tmp_path / f"{FAR.slug}.toml"
    own = "https://mifos.example.org/fineract-provider"
    path.write_text(path.read_text().replace("http://127.0.0.1:8443/fineract-provider", own))

    after = _written(tmp_path, FAR.slug, Places("http://127.0.0.1:9000", "http://127.0.0.1:9443"))

    assert after.fineract is not None
    assert after.fineract.url == own


def test_one_that_rests_is_no_institution_and_comes_back_as_it_was(tmp_path: Path) -> None:
    _written(tmp_path, FAR.slug)
    path = tmp_path / f"{FAR.slug}.toml"
    path.write_text(path.read_text().replace('name = "Ziwa Credit"', 'name = "Ziwa Mutual"'))

    rest(FAR.slug, tmp_path)
    rest(FAR.slug, tmp_path)
    assert list(tmp_path.glob("*.toml")) == []

    assert _written(tmp_path, FAR.slug).name == "Ziwa Mutual"
    assert list(tmp_path.iterdir()) == [path]
