"""How long, how often and how much at once Fineract is asked; and that a slow core keeps nobody for longer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dirisha.core.fineract import calls
from dirisha.core.fineract import link as links
from dirisha.core.fineract.breaker import Breaker
from dirisha.core.fineract.calls import Kind
from dirisha.core.fineract.core import FineractCore
from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.http import TooSlow
from dirisha.core.fineract.lanes import WAITING_FOR_EACH, Full, Lane
from dirisha.core.fineract.link import Asked, Link, link_of
from dirisha.core.fineract.shared import Kept
from dirisha.core.port import CoreAway, NotTaken
from dirisha.kit.ids import ClientId, SavingsId
from dirisha.kit.scope import Clients
from dirisha.tenants.institution import Institution
from tests.contracts.fineract_core.conftest import an_institution
from tests.contracts.fineract_core.far import Far, Gone, Request, Said, refused, said_at
from tests.contracts.fineract_core.test_orders import KEY, TRANSFER

NIA = Clients((ClientId(4),))
OK = Said(body={"is": "there"})
HTML = {"content-type": "text/html"}

Make = Callable[..., Institution]


@pytest.fixture
def link(institution: Make) -> Link:
    return link_of(institution())


@contextmanager
def held(far: Far, path: str, answer: Said = OK) -> Iterator[threading.Semaphore]:
    """Requests of that path wait until the block ends; the semaphore counts those that have come."""
    come, let_go = threading.Semaphore(0), threading.Event()

    def wait(_: Request) -> Said:
        come.release()
        let_go.wait(30)
        return answer

    far.get(path, wait)
    try:
        yield come
    finally:
        let_go.set()


def took_s(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.security("P-05")
def test_a_core_that_does_not_answer_is_waited_for_no_longer_than_the_patience(far: Far, core: FineractCore) -> None:
    with held(far, "/clients/4"):

        def ask() -> None:
            with pytest.raises(CoreAway):
                core.reader(NIA, patience_s=0.3).client(ClientId(4))

        assert 0.25 < took_s(ask) < 1.5


@pytest.mark.security("P-05")
def test_an_answer_that_drips_is_waited_for_no_longer(far: Far, core: FineractCore) -> None:
    """Each piece comes in time; the whole would take minutes."""
    done = threading.Event()
    far.get("/clients/4", Said(body=b'{"id": 4,' + b" " * 100_000 + b'"x": 1}', drip=done))

    def ask() -> None:
        with pytest.raises(CoreAway):
            core.reader(NIA, patience_s=0.3).client(ClientId(4))

    try:
        assert took_s(ask) < 1.5
    finally:
        done.set()


@pytest.mark.security("P-05")
def test_a_head_that_drips_holds_no_thread(institution: Make) -> None:
    """Not only who waits is let go: the thread and its connection are free again, too."""
    done = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not done.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip, args=[server], daemon=True)
        dripping.start()
        here = institution(url=f"http://127.0.0.1:{server.getsockname()[1]}/fineract-provider")

        def ask() -> None:
            with pytest.raises(TooSlow):
                link_of(here).wire.exchange("GET", "/offices", Deadline(0.3))

        try:
            assert took_s(ask) < 1.5
        finally:
            done.set()
            dripping.join(10)


@pytest.mark.security("P-05")
def test_all_calls_of_a_question_share_one_patience(far: Far, core: FineractCore) -> None:
    """Account and lines are slow one after the other; together they may take no longer than one."""
    far.get("/clients/4", said_at("staff-api/client", "/clients/4"))
    far.get("/clients/4/accounts", said_at("staff-api/client", "/clients/4/accounts"))
    with held(far, "/loans/3"), held(far, "/savingsaccounts/3/transactions/search"):

        def ask() -> None:
            with pytest.raises(CoreAway):
                core.reader(NIA, patience_s=0.4).overview(latest=5)

        assert took_s(ask) < 1.5


def test_an_answer_too_large_is_no_answer(far: Far, core: FineractCore) -> None:
    far.get("/clients/4", Said(body=b" " * (9 * 1024 * 1024)))

    with pytest.raises(CoreAway):
        core.reader(NIA, patience_s=5).client(ClientId(4))


def test_independent_requests_go_side_by_side(far: Far, core: FineractCore) -> None:
    """Account, client and lines are all under way before the first is answered."""
    all_there = threading.Barrier(3)

    def meet(answer: Said) -> Callable[[Request], Said]:
        def answering(_: Request) -> Said:
            all_there.wait(10)
            return answer

        return answering

    far.get("/clients/4", meet(said_at("staff-api/client", "/clients/4")))
    far.get("/savingsaccounts/3", meet(said_at("staff-api/savings", "/savingsaccounts/3")))
    far.get("/savingsaccounts/3/transactions/search", meet(Said(body={"total": 0, "content": []})))

    assert core.reader(NIA, patience_s=10).savings_lines(SavingsId(3), before=None, limit=20) == []
    assert not all_there.broken


# --- asking again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_stood_before_the_core_is_asked_again(far: Far, link: Link, status: int) -> None:
    answers = iter([Said(status, b"", HTML), Said(status, b"", HTML), OK])
    far.get("/offices", lambda _: next(answers))

    assert link.ask(calls.OFFICES, Deadline(5)) == {"is": "there"}


def test_a_cut_connection_is_asked_again(far: Far, link: Link) -> None:
    times = iter(range(9))

    def cut_once(_: Request) -> Said:
        if next(times) == 0:
            raise Gone
        return OK

    far.get("/offices", cut_once)

    assert link.ask(calls.OFFICES, Deadline(5)) == {"is": "there"}


@pytest.mark.parametrize("status", [200, 401, 403, 404, 500])
def test_what_the_core_itself_has_answered_is_not_asked_again(far: Far, link: Link, status: int) -> None:
    far.get("/offices", Said(status, b"nonsense", HTML))

    with pytest.raises(CoreAway):
        link.ask(calls.OFFICES, Deadline(5))

    assert len(far.asked) == 1


def test_asking_again_ends(far: Far, link: Link) -> None:
    far.get("/offices", Said(503, b"", HTML))

    with pytest.raises(CoreAway):
        link.ask(calls.OFFICES, Deadline(5))

    assert len(far.asked) == links.TRIES


def test_not_found_is_an_answer(far: Far, link: Link) -> None:
    assert link.ask(calls.client(99), Deadline(5)) is None


def test_a_page_of_somebody_in_between_is_not_a_missing_client(far: Far, link: Link) -> None:
    far.get("/clients/4", Said(404, b"<html>not here</html>", HTML))

    with pytest.raises(CoreAway):
        link.ask(calls.client(4), Deadline(5))


def test_a_permission_that_is_missing_is_not_a_missing_client(far: Far, link: Link) -> None:
    far.get("/clients/4", refused("error.msg.not.authorized"))

    with pytest.raises(CoreAway):
        link.ask(calls.client(4), Deadline(5))


def test_a_redirect_is_not_followed(far: Far, address: str, link: Link) -> None:
    """The password would go along."""
    far.get("/offices", Said(302, b"", {"location": f"{address}/api/v1/elsewhere"}))

    with pytest.raises(CoreAway):
        link.ask(calls.OFFICES, Deadline(5))

    assert far.paths() == ["/offices"]


# --- credentials ------------------------------------------------------------------------------------------------------


def test_each_request_says_tenant_and_user(far: Far, link: Link) -> None:
    far.get("/offices", OK)

    link.ask(calls.OFFICES, Deadline(5))

    headers = far.asked[0].headers
    assert headers["fineract-platform-tenantid"] == "default"
    assert headers["authorization"] == "Basic Z29sZC5zdmM6R29sZGVuLXN2Yy0x"


def test_a_changed_password_needs_no_restart(far: Far, institution: Make, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("Golden-svc-1\n")
    link = link_of(institution(password_env=None, password_file=file))
    link.wire.credentials.header()
    file.write_text("a new one\n")

    def let_in(request: Request) -> Said:
        return (
            OK if request.headers["authorization"] == "Basic Z29sZC5zdmM6YSBuZXcgb25l" else Said(401, {"status": 401})
        )

    far.get("/offices", let_in)

    assert link.ask(calls.OFFICES, Deadline(5)) == {"is": "there"}
    assert len(far.asked) == 2


def test_the_password_is_in_no_representation(link: Link) -> None:
    assert "Golden-svc-1" not in repr(link.wire.credentials) + repr(link.settings)


# --- asking together --------------------------------------------------------------------------------------------------


def test_equal_requests_under_way_are_one(far: Far, link: Link) -> None:
    with held(far, "/clients/4"):
        flights = [link.begin(calls.client(4), Deadline(20)) for _ in range(8)]

    assert [is_joined for _, is_joined in flights] == [False] + 7 * [True]
    assert {flight.result(10).body for flight, _ in flights} == {b'{"is": "there"}'}
    assert len(far.asked) == 1


def test_what_is_answered_is_asked_anew(far: Far, core: FineractCore) -> None:
    """Balances are never kept."""
    far.get("/clients/4", said_at("staff-api/client", "/clients/4"))

    for _ in range(3):
        core.reader(NIA, patience_s=5).client(ClientId(4))

    assert len(far.asked) == 3


def test_who_reads_after_a_payment_does_not_join_who_read_before(far: Far, link: Link) -> None:
    far.post("/accounttransfers", OK)
    with held(far, "/clients/4") as come:
        before, _ = link.begin(calls.client(4), Deadline(20))
        assert come.acquire(timeout=10)

        link.post("/accounttransfers", b"{}", Deadline(10), key="k")
        after, is_joined = link.begin(calls.client(4), Deadline(20))

        assert come.acquire(timeout=10)
    assert not is_joined
    assert after is not before


def test_who_has_more_time_does_not_fail_with_who_had_less(far: Far, link: Link) -> None:
    with held(far, "/clients/4") as come:
        hasty, _ = link.begin(calls.client(4), Deadline(0.5))
        patient = Asked(link, calls.client(4), Deadline(20))
        assert come.acquire(timeout=10)
        assert hasty.exception(10) is not None
        far.get("/clients/4", OK)

        assert patient.answer() == {"is": "there"}


def test_offices_are_kept_for_a_while(far: Far, core: FineractCore) -> None:
    far.get("/offices", said_at("staff-api/reference-data", "/offices"))

    for _ in range(3):
        core.reader(NIA, patience_s=5).offices()

    assert far.paths() == ["/offices"]


def test_what_is_kept_grows_old_and_stays_small() -> None:
    fresh: Kept[int] = Kept(60, most=2)
    old: Kept[int] = Kept(0)
    for number in range(3):
        fresh.keep(number, number)
        old.keep(number, number)

    assert [fresh.get(number) for number in range(3)] == [None, 1, 2]
    assert [old.get(number) for number in range(3)] == [None, None, None]


# --- bulkheads --------------------------------------------------------------------------------------------------------


def test_slow_histories_do_not_starve_pages_nor_money(far: Far, institution: Make) -> None:
    core = FineractCore(institution(connections=10))
    link = link_of(core._institution)
    far.get("/clients/4", said_at("staff-api/client", "/clients/4"))
    far.post("/accounttransfers", Said(body={"resourceId": 13}))
    with held(far, "/savingsaccounts/3/transactions/search"):
        for offset in range(2 * (1 + WAITING_FOR_EACH)):
            link.begin(calls.savings_transactions(3, limit=20, offset=offset), Deadline(20))

        with pytest.raises(CoreAway, match="too many"):
            link.begin(calls.savings_transactions(3, limit=20, offset=1000), Deadline(20))
        assert core.reader(NIA, patience_s=10).client(ClientId(4)) is not None
        assert str(core.send(TRANSFER, KEY, patience_s=10)) == "Booked(number='13')"


def test_money_that_finds_no_place_was_not_taken(far: Far, institution: Make) -> None:
    core = FineractCore(institution(connections=10))
    link = link_of(core._institution)
    at_once = 10 - 4 - 2 - 2
    with held(far, "/savingsaccounts/3/transactions/search"):
        for offset in range(at_once * (1 + WAITING_FOR_EACH)):
            link.begin(calls.savings_transactions(3, limit=20, offset=offset, kind=Kind.MONEY), Deadline(20))

        assert isinstance(core.send(TRANSFER, KEY, patience_s=20), NotTaken)
    assert far.paths("POST") == []


def test_money_whose_turn_does_not_come_in_time_was_not_taken(far: Far, institution: Make) -> None:
    core = FineractCore(institution(connections=10))
    link = link_of(core._institution)
    with held(far, "/savingsaccounts/3/transactions/search"):
        for offset in range(2):
            link.begin(calls.savings_transactions(3, limit=20, offset=offset, kind=Kind.MONEY), Deadline(20))

        assert isinstance(core.send(TRANSFER, KEY, patience_s=0.2), NotTaken)
    assert far.paths("POST") == []


def test_a_lane_is_full_at_once_and_free_again_afterwards() -> None:
    lane, let_go = Lane(Kind.CHECKS, 1), threading.Event()
    waiting = [lane.begin(let_go.wait, 20) for _ in range(1 + WAITING_FOR_EACH)]
    with pytest.raises(Full):
        lane.begin(let_go.wait, 20)
    let_go.set()

    assert all(each.result(10) for each in waiting)
    assert lane.begin(lambda: "free").result(10) == "free"
    lane.close()


# --- the breaker ------------------------------------------------------------------------------------------------------


def test_a_core_that_fails_again_and_again_is_left_in_peace(far: Far, core: FineractCore) -> None:
    far.get("/clients/4", Said(502, b"", HTML))
    while not link_of(core._institution).breaker.is_open:
        with pytest.raises(CoreAway):
            core.reader(NIA, patience_s=5).client(ClientId(4))
    asked = len(far.asked)

    with pytest.raises(CoreAway, match="left in peace"):
        core.reader(NIA, patience_s=5).client(ClientId(4))
    assert isinstance(core.send(TRANSFER, KEY, patience_s=5), NotTaken)

    assert len(far.asked) == asked


def test_one_call_finds_out_whether_it_is_back() -> None:
    breaker = Breaker(failures=2, rest_s=0)
    for _ in range(2):
        assert breaker.enter(Deadline(0))
        breaker.ended(answered=False)

    assert breaker.enter(Deadline(0))
    assert not breaker.enter(Deadline(0))  # one at a time
    breaker.ended(answered=False)
    assert breaker.enter(Deadline(0))
    breaker.ended(answered=True)
    assert breaker.enter(Deadline(0))
    assert breaker.enter(Deadline(0))


def test_others_wait_for_what_the_first_call_after_the_rest_finds() -> None:
    breaker = Breaker(failures=1, rest_s=0)
    assert breaker.enter(Deadline(0))
    breaker.ended(answered=False)
    assert breaker.enter(Deadline(0))
    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(breaker.enter, Deadline(30)) for _ in range(3)]
        breaker.ended(answered=True)
        assert [each.result() for each in others] == [True, True, True]


def test_it_opens_after_failures_in_a_row_alone() -> None:
    breaker = Breaker(failures=3, rest_s=60)
    for answered in (False, False, True, False, False):
        assert breaker.enter(Deadline(0))
        assert not breaker.ended(answered=answered)

    assert breaker.enter(Deadline(0))
    assert breaker.ended(answered=False)
    assert breaker.is_open
    assert not breaker.enter(Deadline(0))


def test_while_one_finds_out_who_has_no_time_to_wait_is_turned_away() -> None:
    breaker = Breaker(failures=1, rest_s=0)
    breaker.enter(Deadline(0))
    breaker.ended(answered=False)

    assert breaker.enter(Deadline(0))
    assert not breaker.enter(Deadline(0.01))


def test_who_has_no_time_does_not_open_it_for_the_others(far: Far, core: FineractCore) -> None:
    """A door that looks for some milliseconds whether a balance is there already says nothing of the core."""
    with held(far, "/clients/4"):
        for _ in range(20):
            with pytest.raises(CoreAway, match=r"in time|Timeout|no time"):
                core.reader(NIA, patience_s=0.02).client(ClientId(4))

    assert not link_of(core._institution).breaker.is_open


def test_a_call_without_a_verdict_only_gives_its_place_back() -> None:
    breaker = Breaker(failures=1, rest_s=0)
    breaker.enter(Deadline(0))
    breaker.ended(answered=False)

    assert breaker.enter(Deadline(0))
    breaker.ended(answered=None)
    assert breaker.enter(Deadline(0))
    assert not breaker.enter(Deadline(0))


def test_a_refusal_is_an_answer(far: Far, core: FineractCore) -> None:
    far.post("/accounttransfers", refused("error.msg.of.tomorrow"))

    for _ in range(20):
        core.send(TRANSFER, KEY, patience_s=5)

    assert not link_of(core._institution).breaker.is_open


# --- links of a process -----------------------------------------------------------------------------------------------


def test_connections_last_from_one_question_to_the_next(far: Far, institution: Make) -> None:
    here = institution()

    assert link_of(here) is link_of(here.model_copy())
    assert FineractCore(here)._link is FineractCore(here)._link


def test_other_settings_are_another_link(institution: Make) -> None:
    here = institution()
    link = link_of(here)
    assert here.fineract is not None
    changed = here.model_copy(update={"fineract": here.fineract.model_copy(update={"tenant": "other"})})

    assert link_of(changed) is not link
    with pytest.raises(CoreAway, match="changed"):
        link.begin(calls.OFFICES, Deadline(5))


def test_what_was_under_way_when_the_settings_changed_ends(far: Far, institution: Make) -> None:
    here = institution()
    link = link_of(here)
    with held(far, "/offices") as come:
        asked, _ = link.begin(calls.OFFICES, Deadline(20))
        assert come.acquire(timeout=10)
        links.drop(here.slug)

    assert asked.result(10).status == 200


@pytest.mark.parametrize("change", ["password_file", "ca_file"])
def test_what_cannot_be_read_here_is_a_core_that_is_away(address: str, tmp_path: Path, change: str) -> None:
    """The person hears "try later", the log says what to mend; nobody meets a fault."""
    (tmp_path / "password").write_text("word")
    settings = {"url": address.replace("http:", "https:"), "user": "u", "password_file": str(tmp_path / "password")}
    core = FineractCore(an_institution("ziwa-bare", settings | {change: str(tmp_path / "none")}))
    try:
        with pytest.raises(CoreAway):
            core.reader(NIA, patience_s=5).client(ClientId(4))
        assert isinstance(core.send(TRANSFER, KEY, patience_s=5), NotTaken)
    finally:
        links.drop("ziwa-bare")
