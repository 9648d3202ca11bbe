"""The page: choose a person, dial, answer, read and send SMS. All of it by plain forms; the script only smooths it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dirisha.demo.cast import Character, Troupe
from dirisha.demo.handset.line import IDLE, NO_NETWORK, Line, answer, dial
from dirisha.demo.institutions import DEMO, FAR
from dirisha.simulators.africastalking.demo import inbox_of
from dirisha.simulators.africastalking.phone import Phone
from dirisha.tenants.current import current
from dirisha.tenants.institution import Carrier

LONGEST_TYPED = 160
MESSAGES = 12
WORDS = ("BAL", "LOAN", "PAY 500", "HELP")
KEYS = (
    ("1", ""), ("2", "abc"), ("3", "def"), ("4", "ghi"), ("5", "jkl"), ("6", "mno"),
    ("7", "pqrs"), ("8", "tuv"), ("9", "wxyz"), ("*", "+"), ("0", "space"), ("#", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    sign: str
    letters: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def handset(request: HttpRequest) -> HttpResponse:
    """A key pressed by a browser without scripts adds a digit; the green key dials or answers; the red one hangs up."""
    who = _chosen(request)
    if request.method != "POST":
        return _page(request, who, IDLE, typed=_carrier().service_code)
    line, typed = Line.unsealed(request.POST.get("line", "")), request.POST.get("typed", "")[:LONGEST_TYPED]
    match request.POST.get("key", "call"):
        case "end":
            return _page(request, who, IDLE, typed=_carrier().service_code)
        case "clear":
            return _page(request, who, line, typed=typed[:-1])
        case "call":
            line = _called(who, line, typed.strip())
            return _page(request, who, line)
        case key if key in {sign for sign, _ in KEYS}:
            return _page(request, who, line, typed=typed + key)
    raise Http404


def _called(who: Character, line: Line, typed: str) -> Line:
    code = _carrier().service_code
    if line.is_open:
        return answer(_phone(who), line, typed, code)
    return dial(_phone(who), typed or code, code)


@never_cache
@require_POST
def send_sms(request: HttpRequest) -> HttpResponse:
    who, line = _chosen(request), Line.unsealed(request.POST.get("line", ""))
    text = request.POST.get("text", "").strip()[:LONGEST_TYPED]
    said = ""
    if text:
        try:
            status, _ = _phone(who).send_sms(text, to=_short_code(), at=_moment(request))
            said = f"Sent to {_short_code()}: {text}" if status == 200 else f"Not taken by the service ({status})."
        except httpx.HTTPError:
            said = NO_NETWORK
    return _page(request, who, line, said=said)


@never_cache
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """The list alone, for the script to look again."""
    return render(request, "handset/messages.html", _messages_of(_chosen(request)))


for _view in (handset, send_sms, messages):
    _view.performs = ()  # type: ignore[attr-defined]  # what is performed is performed by the hooks that it calls


def _page(request: HttpRequest, who: Character, line: Line, *, typed: str = "", said: str = "") -> HttpResponse:
    clock = _moment(request).astimezone(current().zone)
    return render(
        request,
        "handset/handset.html",
        {
            "institution": current(),
            "people": _troupe().clients,
            "who": who,
            "line": line,
            "typed": typed,
            "said": said,
            "clock": f"{clock:%H:%M}",
            "keys": [Key(*key) for key in KEYS],
            "words": WORDS,
            "code": _carrier().service_code,
            "short_code": _short_code(),
        }
        | _messages_of(who),
    )


def _messages_of(who: Character) -> dict[str, object]:
    return {"who": who, "messages": inbox_of(current()).of(who.msisdn, newest=MESSAGES), "zone": current().zone}


def _moment(request: HttpRequest) -> datetime:
    at: datetime = request.moment  # type: ignore[attr-defined]
    return at


def _chosen(request: HttpRequest) -> Character:
    key = request.POST.get("who") or request.GET.get("who") or _troupe().clients[0].key
    for character in _troupe().clients:
        if character.key == key:
            return character
    raise Http404


def _troupe() -> Troupe:
    """The cast of the institution at whose address the page is; a real institution has none, and so no page."""
    for institution in (*DEMO, FAR):
        if institution.slug == current().slug:
            return institution.troupe
    raise Http404


def _phone(who: Character) -> Phone:
    """On the simulated gateway's network. The gateway is a part of our own server, so its hooks are where it is."""
    place = urlsplit(_carrier().api_url)
    return Phone(who.msisdn, f"{place.scheme}://{place.netloc}/hooks/{_carrier().hooks[0]}/africastalking")


def _carrier() -> Carrier:
    carrier = current().carrier
    if carrier is None:
        raise Http404
    return carrier


def _short_code() -> str:
    return _carrier().service_code.strip("*#")
