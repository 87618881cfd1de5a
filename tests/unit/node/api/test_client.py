"""The client's core: bytes in, bytes out, and answers as the values they were made of."""

from __future__ import annotations

import inspect
import json
import typing
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode import answers, practices
from p2pnode.answers import lists
from p2pnode.api.app import make_app
from p2pnode.client import BadAnswer, Refused, Unreachable, calls
from p2pnode.client.call import Call
from p2pnode.client.decoding import decode, following
from p2pnode.client.exchange import Exchange, read_answer
from p2pnode.client.stream import EventReader
from p2pnode.host.host import Host

CALLS = {
    name: function
    for name, function in vars(calls).items()
    if inspect.isfunction(function)
    and not name.startswith("_")
    and function.__module__.startswith(calls.__name__ + ".")
}
for _practice in practices.names():
    _module = import_module(f"p2pnode.practices.{_practice}.calls")
    CALLS |= {
        name: function
        for name, function in vars(_module).items()
        if inspect.isfunction(function) and function.__module__ == _module.__name__
    }
_GIVEN = {
    "ops": ["op_x"],
    "keep": ["x"],
    "without": ["x"],
    "kept": ["x"],
    "choice": "yes",
    "changes": {"name": "x", "tiers.a.threshold": (2, 3)},
    "file": "/x",
    "data": b"x",
}


def _made(name: str) -> Call[object]:
    """Return the call with every parameter given."""
    arguments: dict[str, object] = {}
    parameters = inspect.signature(CALLS[name]).parameters.values()
    for one in parameters:
        if one.kind is not inspect.Parameter.VAR_KEYWORD:
            usual = None if one.default is inspect.Parameter.empty else one.default
            arguments[one.name] = _GIVEN.get(one.name, "x" if usual is None else usual)
    arguments |= {key: 1 for key in ("close_ms", "timeout_s") if key in arguments}
    made = CALLS[name](**arguments)
    assert isinstance(made, Call)
    return made


def _parts(call: Call[object]) -> list[str]:
    """Return the parts of its target's path, of a text."""
    return call.target("Lane 7").partition("?")[0].strip("/").split("/")


@pytest.fixture(scope="module")
def described() -> dict[str, typing.Any]:
    return make_app(
        typing.cast(Host, None), practices.routes()
    ).openapi()  # routes look at it when they are asked


@pytest.mark.parametrize("name", CALLS)
def test_every_call_is_a_route_with_these_values_and_this_answer(described, name):
    call = _made(name)
    path = _parts(call)
    routes = [
        route
        for route in described["paths"]
        if len(parts := route.strip("/").split("/")) == len(path)
        and all(a == b or a.startswith("{") for a, b in zip(parts, path, strict=True))
        and call.method.lower() in described["paths"][route]
    ]
    assert routes, (call.method, call.path)
    route = described["paths"][min(routes, key=lambda one: one.count("{"))][call.method.lower()]
    taken = {one["name"] for one in route.get("parameters", ()) if one["in"] == "query"}
    assert set(call.query or {}) <= taken
    if call.body is not None and "requestBody" in route:
        schema = route["requestBody"]["content"]["application/json"]["schema"]
        body = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert set(call.body) <= set(body["properties"])
    answered = (call.answer or "").rpartition(".")[2]
    promised = str(inspect.signature(CALLS[name]).return_annotation)
    if call.answer is None:
        assert promised == "Call[Json]"
        assert {"202", "204"} & set(route["responses"])
        return
    assert promised == f"Call[{answered}]"
    good = route["responses"].get("200") or route["responses"]["201"]
    schema = good["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert schema == answered


def test_every_route_has_a_call(described):
    """Events are a stream, which clients read by a method of theirs."""
    made = [_made(name) for name in CALLS]
    for path, routes in described["paths"].items():
        parts = path.strip("/").split("/")
        if parts[:2] != ["api", "v1"] or parts[-1] == "events":
            continue
        for method in routes:
            fitting = [
                call
                for call in made
                if call.method.lower() == method
                and len(_parts(call)) == len(parts)
                and all(
                    there == here or there.startswith("{")
                    for there, here in zip(parts, _parts(call), strict=True)
                )
            ]
            assert fitting, f"no call asks {method.upper()} {path}"


_REFERENCES = ("reference", "revision", "device", "member", "ops", "keep", "without", "kept")


@pytest.mark.parametrize("given", [2, 2.0, b"", b"2", bytes(31), bytes(33), None, ("x",)])
def test_reference_that_is_none_is_refused_in_words_by_every_call(given):
    """`calls.vote(2, "no")` is what one types first; a length of an int says nothing."""
    tried = 0
    for function in CALLS.values():
        parameters = inspect.signature(function).parameters
        for wrong in set(_REFERENCES) & set(parameters):
            if given is None and "None" in str(parameters[wrong].annotation):
                continue  # is one that names nobody
            arguments = {
                one.name: _GIVEN.get(one.name, "x")
                for one in parameters.values()
                if one.default is inspect.Parameter.empty
                and one.kind is not inspect.Parameter.VAR_KEYWORD
            }
            is_list = wrong in ("ops", "keep", "without", "kept")
            arguments[wrong] = [given] if is_list else given
            tried += 1
            with pytest.raises(TypeError, match="names nothing: give a text, such as '2'"):
                function(**arguments)
    assert tried > 10


@pytest.mark.parametrize("wrong", ["Carol", b"c" * 32])
def test_one_reference_is_no_list_of_them(wrong):
    """A text is a list of letters to Python, and would name a member by each."""
    for function, name in (
        (calls.mark_seen, "ops"),
        (calls.propose_rebuild, "keep"),
        (calls.propose_rebuild, "without"),
    ):
        with pytest.raises(TypeError, match="one reference: give a list"):
            function(**{name: wrong})
    with pytest.raises(TypeError, match="one reference: give a list"):
        calls.apply_rebuild("x", kept=wrong)


def _http(status: int, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


@given(st.lists(st.integers(1, 60), max_size=20))
def test_an_answer_is_the_same_however_its_bytes_are_cut(cuts):
    whole, exchange, parts = _http(200, b'{"a": "\xc3\xa9"}'), Exchange(calls.charter()), []
    for size in [*cuts, len(whole)]:
        piece, whole = whole[:size], whole[size:]
        if piece and not exchange.is_over:
            parts += exchange.receive(piece)
    assert exchange.is_over
    assert read_answer(exchange.status, b"".join(parts)) == {"a": "é"}


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_client_error(data):
    exchange = Exchange(calls.charter())
    try:
        parts = list(exchange.receive(data)) if data else []
        if not exchange.is_over:
            parts += exchange.receive(b"")
        read_answer(exchange.status, b"".join(parts))
    except (Unreachable, Refused, BadAnswer):
        pass


def test_a_refusal_says_code_words_and_what_to_do():
    problem = {"code": "closed", "detail": "it has closed", "next": ["p2pnode explain ID"]}
    with pytest.raises(Refused) as caught:
        read_answer(409, json.dumps(problem).encode())
    assert (caught.value.code, caught.value.status) == ("closed", 409)
    assert caught.value.following == ("p2pnode explain ID",)


@pytest.mark.parametrize("reference", ["", " ", ".", ".."])
def test_what_names_nothing_is_not_asked(reference):
    with pytest.raises(ValueError, match="names nothing"):
        Exchange(calls.proposal(reference))
    with pytest.raises(ValueError, match="names nothing"):
        Exchange(calls.charter(), reference)


@given(st.text())
def test_any_reference_stays_one_part_of_the_path(reference):
    for call, community in (
        (calls.proposal(f"x{reference}"), None),
        (calls.proposal("12"), f"x{reference}"),
    ):
        try:
            target = Exchange(call, community).to_send.split(b" ")[1]
        except ValueError:  # half a character
            return
        assert target.count(b"/") == 6
        assert b"?" not in target


@given(st.lists(st.integers(1, 40), max_size=30))
def test_events_are_the_same_however_their_bytes_are_cut(cuts):
    text = 'id: 7\nevent: committed\ndata: {"index": 7}\n\n: alive\n\n'
    text += 'event: x\ndata: {"é":\ndata: 1}\n\n'
    whole, reader, found = text.encode(), EventReader(), []
    for size in [*cuts, len(whole)]:
        piece, whole = whole[:size], whole[size:]
        found += reader.feed(piece)
    assert [(one.kind, one.id, one.data) for one in found] == [
        ("committed", 7, {"index": 7}),
        ("x", None, {"é": 1}),
    ]


def test_what_a_newer_daemon_adds_is_passed_over_and_what_lacks_is_told():
    call = calls.health()
    document = {"status": "ok", "checks": [], "schema": "p2pnode/health/1", "mood": "fine"}
    assert decode(call, document) == answers.Health("ok", ())
    for broken in ({"status": "ok"}, {**document, "checks": 7}, {**document, "status": "odd"}):
        with pytest.raises(BadAnswer):
            decode(call, broken)


def test_the_next_page_is_asked_by_its_cursor():
    call = calls.members(limit=1)
    after = following(call, lists.MemberList((), "c"))
    assert after is not None
    assert after.query == {"limit": 1, "cursor": "c"}
    assert following(call, lists.MemberList((), None)) is None
