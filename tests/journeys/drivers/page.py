"""A web page as somebody reads it without JavaScript: its words, links and forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """`fields` are as a browser would send them if nothing were touched; `accepts` names all that can be filled in."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    accepts: set[str] = field(default_factory=set)


@dataclass
class WebPage:
    """`code` is the stable code of what went wrong, where something did."""

    status: int
    address: str
    headers: Any
    html: str
    title: str = ""
    language: str = ""
    words: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    code: str = ""
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def form(self, ending: str) -> Form:
        """The one form whose action ends so."""
        found = [form for form in self.forms if form.action.split("?")[0].endswith(ending)]
        assert len(found) == 1, f"{len(found)} forms to …{ending} on {self.address} ({self.status}): {self.text}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self, page: WebPage) -> None:
        super().__init__()
        self.page = page
        self.inside: list[str] = []
        self.form: Form | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.page.tags.append((tag, given))
        if tag == "html":
            self.page.language = given.get("lang", "")
        elif tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        elif tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get"))
            self.page.forms.append(self.form)
        elif tag == "input" and self.form is not None and "name" in given:
            self.form.accepts.add(given["name"])
            if given.get("type") != "radio" or "checked" in given:
                self.form.fields[given["name"]] = given.get("value", "")
        if "data-code" in given:
            self.page.code = given["data-code"]
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass
        if tag == "form":
            self.form = None

    def handle_data(self, data: str) -> None:
        if "title" in self.inside:
            self.page.title += data
        elif "script" not in self.inside and data.strip():
            self.page.words.append(data.replace("\u00a0", " ").strip())


def read(response: Any, address: str) -> WebPage:
    page = WebPage(response.status_code, address, response.headers, response.content.decode())
    if page.html.lstrip().startswith("<"):
        _Reader(page).feed(page.html)
    else:
        page.words.append(page.html)
    return page
