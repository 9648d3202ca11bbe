"""`dirisha fineract check` finds what is wrong and says how to mend it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dirisha.core.fineract.calls import PERMISSIONS
from dirisha.core.fineract.check import Finding, Level, check
from dirisha.kit.words import Words
from dirisha.server import cli
from dirisha.tenants.institution import Institution
from tests.contracts.fineract_core.conftest import NOW, PASSWORD
from tests.contracts.fineract_core.far import Far, Gone, Request, Said, said_at

Make = Callable[..., Institution]
WORDS = Words.beside(cli.__file__, "texts")


def login(**changes: Any) -> dict[str, Any]:
    """As recorded for a connector's user, with the permissions that we need."""
    recorded: dict[str, Any] = said_at("staff-api/service-user", "/authentication").body
    return recorded | {"permissions": list(PERMISSIONS)} | changes


@pytest.fixture
def sound(far: Far) -> Far:
    """A Fineract in which nothing is to be mended."""
    far.post("/authentication", Said(body=login(), headers={"date": format_datetime(NOW, usegmt=True)}))
    far.get("/offices", said_at("staff-api/reference-data", "/offices"))
    for path in ("/configurations/name/enable-business-date", "/businessdate/BUSINESS_DATE"):
        far.get(path, said_at("staff-api/reference-data", path))
    far.get("/configurations/name/maker-checker", {"name": "maker-checker", "enabled": False, "value": 0, "id": 1})
    return far


def found(institution: Institution, level: Level, at: datetime = NOW) -> list[str]:
    findings = check(institution, at)
    for finding in findings:
        _has_words(finding)
    return [finding.key for finding in findings if finding.level is level]


def _has_words(finding: Finding) -> None:
    WORDS.say("en", f"check.{finding.level}.{finding.key}", **finding.facts)
    if finding.level is not Level.GOOD:
        WORDS.say("en", f"check.mend.{finding.key}", **finding.facts)


def test_where_all_is_well_it_says_so(sound: Far, institution: Make) -> None:
    here = institution()

    assert found(here, Level.BAD) == found(here, Level.DOUBTFUL) == []
    assert found(here, Level.GOOD) == [
        "address", "tls_not_needed", "tenant", "credentials", *["permission"] * len(PERMISSIONS),
        "office", "clock", "business_date", "maker_checker",
    ]  # fmt: skip


def test_it_writes_nothing_and_asks_nothing_that_needs_more(sound: Far, institution: Make) -> None:
    check(institution(), NOW)

    assert sound.paths("POST") == ["/authentication"]
    assert set(sound.paths()) == {
        "/offices", "/configurations/name/enable-business-date", "/businessdate/BUSINESS_DATE",
        "/configurations/name/maker-checker",
    }  # fmt: skip
    assert "authorization" not in sound.asked[0].headers


@pytest.mark.parametrize("missing", PERMISSIONS)
def test_each_missing_permission_is_named(sound: Far, institution: Make, missing: str) -> None:
    sound.post("/authentication", Said(body=login(permissions=[p for p in PERMISSIONS if p != missing])))

    bad = [finding.facts for finding in check(institution(), NOW) if finding.level is Level.BAD]

    assert bad == [{"permission": missing}]


def test_the_recorded_connector_lacks_what_it_lacks(sound: Far, institution: Make) -> None:
    """It was made for another connector: it may do more than we need, and not look at the business date."""
    sound.post("/authentication", said_at("staff-api/service-user", "/authentication"))
    findings = check(institution(), NOW)

    bad = {finding.facts["permission"] for finding in findings if finding.level is Level.BAD}
    (surplus,) = [finding.facts["permissions"] for finding in findings if finding.key == "surplus"]
    assert bad == {"READ_CONFIGURATION", "READ_BUSINESS_DATE"}
    assert "REPAYMENT_LOAN" in surplus


def test_a_user_who_may_everything_is_doubtful(sound: Far, institution: Make) -> None:
    sound.post("/authentication", said_at("staff-api/reference-data", "/authentication"))
    here = institution()

    assert found(here, Level.BAD) == []
    assert "everything" in found(here, Level.DOUBTFUL)


@pytest.mark.parametrize(
    ("answer", "bad"),
    [
        (said_at("errors/a-none", "/clients"), "credentials"),
        (said_at("errors/a-tenant-unknown", "/clients"), "tenant"),
        (Said(404, b"<html>", {"content-type": "text/html"}), "not_fineract"),
        (Said(200, b"<html>", {"content-type": "text/html"}), "not_fineract"),
        (Said(200, {"hello": "world"}), "not_fineract"),
        (Said(302, b"", {"location": "https://elsewhere.example"}), "not_fineract"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stands_in_the_way_is_named(sound: Far, institution: Make, answer: Said, bad: str) -> None:
    sound.post("/authentication", answer)

    assert found(institution(), Level.BAD) == [bad]


def test_nobody_there(institution: Make) -> None:
    assert found(institution(url="http://127.0.0.1:9/fineract-provider"), Level.BAD) == ["address"]


def test_somebody_there_who_hangs_up(sound: Far, institution: Make) -> None:
    def hang_up(_: Request) -> Said:
        raise Gone

    sound.post("/authentication", hang_up)

    assert found(institution(), Level.BAD) == ["slow"]


def test_a_password_that_is_nowhere(institution: Make, tmp_path: Path) -> None:
    here = institution(password_env=None, password_file=str(tmp_path / "none"))

    assert found(here, Level.BAD) == ["secret"]


@pytest.mark.parametrize(
    ("login_says", "level", "key"),
    [
        ({"isTwoFactorAuthenticationRequired": True}, Level.BAD, "two_factor"),
        ({"shouldRenewPassword": True}, Level.DOUBTFUL, "password_old"),
        ({"officeId": 2, "officeName": "Golden Branch"}, Level.DOUBTFUL, "office"),
    ],
)
def test_what_the_login_says(sound: Far, institution: Make, login_says: dict[str, Any], level: Level, key: str) -> None:
    sound.post("/authentication", Said(body=login(**login_says), headers={"date": format_datetime(NOW, usegmt=True)}))

    assert found(institution(), level) == [key]


def test_clock_and_business_date_apart(sound: Far, institution: Make) -> None:
    later = NOW + timedelta(days=1, minutes=2)

    assert found(institution(), Level.DOUBTFUL, at=later) == ["clock", "business_date"]


def test_no_business_date_is_as_good(sound: Far, institution: Make) -> None:
    sound.get("/configurations/name/enable-business-date", {"name": "enable-business-date", "enabled": False})

    assert "no_business_date" in found(institution(), Level.GOOD)


def test_maker_checker_is_pointed_out(sound: Far, institution: Make) -> None:
    sound.get("/configurations/name/maker-checker", {"name": "maker-checker", "enabled": True})

    assert found(institution(), Level.DOUBTFUL) == ["maker_checker"]


def test_the_password_is_in_no_finding(sound: Far, institution: Make) -> None:
    assert PASSWORD not in str(check(institution(), NOW))


def test_all_words_have_a_finding() -> None:
    """What is found has its words above; here: every doubt and every fault can be mended."""
    keys = [key.split(".") for key in WORDS.keys("en") if key.startswith("check.")]
    bad = {key for _, level, key in keys if level in ("bad", "doubtful")}
    mended = {key for _, level, key in keys if level == "mend"}

    assert bad == mended


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def encrypted(sound: Far, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The same server behind a certificate that nobody knows: its address and the certificate."""
    certificate, key = tmp_path / "fineract.pem", tmp_path / "key.pem"
    _self_signed(certificate, key)
    from tests.contracts.fineract_core.far import _Handler

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler, BaseHTTPRequestHandler), {"far": sound}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}/fineract-provider", certificate
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_unknown_certificate_is_not_trusted(encrypted: tuple[str, Path], sound: Far, institution: Make) -> None:
    """The password does not travel."""
    assert found(institution(url=encrypted[0]), Level.BAD) == ["tls"]
    assert sound.asked == []


def test_one_whose_authority_is_named_is(encrypted: tuple[str, Path], institution: Make) -> None:
    here = institution(url=encrypted[0], ca_file=str(encrypted[1]))

    assert found(here, Level.BAD) == []
    assert "tls" in found(here, Level.GOOD)


def test_one_for_another_host_is_not(encrypted: tuple[str, Path], institution: Make) -> None:
    here = institution(url=encrypted[0].replace("localhost", "127.0.0.1"), ca_file=str(encrypted[1]))

    assert found(here, Level.BAD) == ["tls"]


def test_a_file_without_certificates(encrypted: tuple[str, Path], institution: Make, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing\n")

    assert found(institution(url=encrypted[0], ca_file=str(tmp_path / "ca.pem")), Level.BAD) == ["ca_file"]


def _self_signed(certificate: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
