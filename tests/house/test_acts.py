"""What every act, refusal and question declares."""

from __future__ import annotations

import ast
import importlib
import inspect

import pytest

from tests.house.source import PACKAGE, modules


@pytest.fixture(scope="module", autouse=True)
def _all_acts(house: object) -> None:
    from dirisha import acts

    acts.import_all()


@pytest.mark.security("A-02")
def test_every_act_names_a_permission_that_somebody_has() -> None:
    from dirisha.access.permissions import all_permissions
    from dirisha.engine.act import ACTS

    assert len(ACTS) == len(list((PACKAGE / "acts").glob("*/*.py"))) - len(
        list((PACKAGE / "acts").glob("*/__init__.py"))
    )
    assert {act.name: act.permission for act in ACTS.values() if act.permission not in all_permissions()} == {}


@pytest.mark.security("A-02")
def test_every_question_names_a_permission_that_somebody_has() -> None:
    from dirisha.access.permissions import all_permissions
    from dirisha.queries.ask import QUESTIONS

    for module in modules("queries"):
        importlib.import_module(
            "dirisha." + module.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        )
    assert QUESTIONS
    assert {q.name for q in QUESTIONS.values() if q.permission not in all_permissions()} == set()


def _refusals() -> list[type]:
    from dirisha.kit.refusal import Refusal

    found, pending = [], [Refusal]
    while pending:
        each = pending.pop()
        pending += each.__subclasses__()
        if hasattr(each, "code"):
            found.append(each)
    return found


def test_every_refusal_has_its_own_code_and_says_final_or_asking() -> None:
    from dirisha.kit.refusal import Asking, Final

    codes = [refusal.code for refusal in _refusals()]
    assert sorted(codes) == sorted(set(codes))
    for refusal in _refusals():
        assert issubclass(refusal, Final) != issubclass(refusal, Asking), refusal
        assert refusal.final is issubclass(refusal, Final)
        assert inspect.getdoc(refusal), refusal


def test_an_act_raises_only_refusals_that_it_lists() -> None:
    """By name, in the act's own file: what helpers below raise is found by the journeys."""
    from dirisha.engine.act import ACTS
    from dirisha.engine.refusals import common_to

    names = {refusal.__name__ for refusal in _refusals()}
    for act in ACTS.values():
        function = getattr(act, "planned", None) or act.done
        tree = ast.parse(inspect.getsource(inspect.getmodule(function)))
        raised = {
            node.exc.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
        } & names
        listed = {refusal.__name__ for refusal in (*act.refusals, *common_to(act))}
        assert raised <= listed, act.name


def test_what_an_act_emits_has_words() -> None:
    from dirisha.engine.act import ACTS
    from dirisha.messaging.events import EVENTS

    for act in ACTS.values():
        assert set(act.emits) <= set(EVENTS), act.name
