"""Whatever a request is made of, it is read in one way or refused in words: never a 500."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hosts.asking import JSON, Asker, asked, founder

TITLE = {"tier": "tactical", "title": "Tea"}


async def refused(asker: Asker, code: str, status: int, *request: str, **how: object) -> str:
    """Ask for what must be refused; return what the refusal says."""
    answer = await asker.ask(*request, **how)  # type: ignore[arg-type]
    assert (answer.status, answer["code"]) == (status, code), answer.body
    assert answer.media_type == "application/problem+json"
    detail = answer["detail"]
    assert isinstance(detail, str)
    return detail


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("proposals", {"tier": "tactical", "title": ""}, "title"),
        ("proposals", {"tier": "", "title": "Tea"}, "tier"),
        ("invites", {"name": ""}, "name"),
        ("amendments", {"changes": {"name": "x"}, "title": ""}, "title"),
    ],
)
async def test_an_empty_text_is_called_empty(
    tmp_path: Path, path: str, body: dict[str, object], field: str
) -> None:
    async with founder(tmp_path) as alice:
        detail = await refused(alice, "invalid_request", 422, "POST", path, body)  # type: ignore[arg-type]
        assert detail == f"{field}: it is empty"


# --- bodies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", ""),),
        (("content-type", "text/plain"),),
        (("content-type", "application/x-www-form-urlencoded"),),
        (("content-type", "application/json; charset=utf-16"),),
        (("content-type", "json"),),
        (*JSON, *JSON),
        (*JSON, ("content-encoding", "gzip")),
    ],
)
async def test_body_that_does_not_say_it_is_json_is_not_read(
    tmp_path: Path, headers: tuple[tuple[str, str], ...]
) -> None:
    async with founder(tmp_path) as alice:
        request = "POST", "proposals", TITLE
        answer = await alice.ask(*request, headers=headers)
        assert (answer.status, answer["code"]) == (415, "unsupported_media_type")
        assert "application/json" in answer["next"][0]
        assert alice.community.proposals().items == ()


@pytest.mark.parametrize(
    "said", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"']
)
async def test_body_that_says_it_is_json_is_read(tmp_path: Path, said: str) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("POST", "proposals", TITLE, headers=[("content-type", said)])
        assert answer.status < 300, answer.body


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "missing"),
        (b"{", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"[" * 100_000, "nests deeper"),
        (b'{"a":' * 40_000, "nests deeper"),
        (b'{"a":' + b"[" * 100_000, "nests deeper"),
        (b"[" * 20 + b"]" * 20, "nests deeper"),
        (b'{"tier": "tactical", "title": "\xff"}', "not UTF-8"),
        ('{"tier": "tactical", "title": "t"}'.encode("utf-16"), "not UTF-8"),
        (b'{"tier": "tactical", "title": "9 euros", "title": "9000 euros"}', "twice"),
        (b'{"tier": "tactical", "title": "t", "action": {"kind": "none", "kind": "x"}}', "twice"),
        (b'{"tier": "tactical", "title": "t", "\\u0074itle": "u"}', "twice"),
        (b'{"tier": "tactical", "title": "\\ud800"}', "half a character"),
        (b'{"tier": "tactical", "\\udfff": "t"}', "half a character"),
        (b'{"tier": "tactical", "title": "t", "vote": NaN}', "no number"),
        (b'{"tier": "tactical", "title": -Infinity}', "no number"),
        (b'{"tier": "tactical", "title": ' + b"9" * 5000 + b"}", "digits"),
        (b"null", "dictionary"),
        (b"[]", "dictionary"),
        (b'"tactical"', "dictionary"),
    ],
)
async def test_body_that_could_be_read_in_two_ways_is_refused(
    tmp_path: Path, raw: bytes, words: str
) -> None:
    async with founder(tmp_path) as alice:
        detail = await refused(
            alice, "invalid_request", 422, "POST", "proposals", raw=raw, headers=JSON
        )
        assert words in detail
        assert alice.community.proposals().items == ()


async def test_route_without_a_body_refuses_one_that_says_something(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        request = "POST", "members/me/departure"
        await refused(alice, "invalid_request", 422, *request, body={"dry_run": True})
        await refused(alice, "unsupported_media_type", 415, *request, raw=b"{}", headers=())
        answer = await alice.ask(*request, {})
        assert answer["code"] != "invalid_request"


async def test_body_not_read_for_its_type_does_not_use_its_idempotency_key_up(
    tmp_path: Path,
) -> None:
    key = ("idempotency-key", "k")
    async with founder(tmp_path) as alice:
        request = "POST", "proposals", TITLE
        assert (await alice.ask(*request, headers=[key])).status == 415
        assert (await alice.ask(*request, headers=[key, *JSON])).status < 300


async def test_refusal_repeats_no_more_of_a_request_than_helps(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        many = {f"field {number}": 1 for number in range(10_000)}
        long = {"x" * 100_000: 1}
        for body in (many, long, {"tier": "t", "title": "t", "vote": "v" * 100_000}):
            answer = await alice.ask("POST", "proposals", body)
            assert (answer.status, answer["code"]) == (422, "invalid_request")
            assert len(answer.body) < 10_000
        twice = b'{"' + b"x" * 100_000 + b'": 1, "' + b"x" * 100_000 + b'": 2}'
        answer = await alice.ask("POST", "proposals", raw=twice)
        assert len(answer.body) < 10_000


# --- queries ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "commits?limit=1&limit=2",
        "proposals?query=a&query=a",
        "charter?x=1",
        "status?min_index=%ff",
        "proposals?query=%ed%a0%80",
        "/livez?verbose=true&verbose=false",
        "/livez?x=1",
    ],
)
async def test_query_that_could_be_read_in_two_ways_is_refused(tmp_path: Path, target: str) -> None:
    async with founder(tmp_path) as alice:
        await refused(alice, "invalid_request", 422, "GET", target)


@pytest.mark.parametrize(
    "said", ["1_0", "%2B1", "1.0", "1e1", "0x1", "%D9%A1", "%201", "1 ", "", "-"]
)
async def test_number_is_read_in_one_spelling_only(tmp_path: Path, said: str) -> None:
    async with founder(tmp_path) as alice:
        for target in (
            "proposals?limit=",
            "commits?after=",
            "status?min_index=",
            "events?after=",
            "proposals/1?wait=final&timeout=",
            "commits/",
        ):
            if said or not target.endswith("/"):
                await refused(alice, "invalid_request", 422, "GET", target + said)


@pytest.mark.parametrize("said", ["1", "yes", "True", "on", "t", "", "0"])
async def test_flag_is_read_in_one_spelling_only(tmp_path: Path, said: str) -> None:
    async with founder(tmp_path) as alice:
        for target in ("proposals?needs_my_vote=", "node/health?deep=", "ops?all="):
            await refused(alice, "invalid_request", 422, "GET", target + said)
        request = "POST", f"proposals?dry_run={said}"
        await refused(alice, "invalid_request", 422, *request, body=TITLE)


@pytest.mark.parametrize(
    "value", [2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**400, -1, -(2**63)], ids=hex
)
async def test_index_of_any_size_is_answered(tmp_path: Path, value: int) -> None:
    async with founder(tmp_path) as alice:
        await alice.ask("POST", "proposals?wait=final", TITLE)
        inside = 0 <= value < 2**63
        for target in (f"commits?after={value}", f"status?min_index={value}&timeout=1"):
            answer = await alice.ask("GET", target)
            assert answer.status == (200 if inside else 422), answer.body
        shown = await alice.ask("GET", f"commits/{value}")
        assert (shown.status, shown["code"]) == (
            (404, "not_found") if inside else (422, "invalid_request")
        )
        assert bool(alice.community.commits(value).items) is (value < 0)
        assert bool(alice.community.epochs(value).items) is (value < 0)


@pytest.mark.parametrize("dry_run", ["true", "false"])
@pytest.mark.parametrize(
    "value", [2**63 - 1, 2**63, 2**64, 10**400, 0, -1, -(2**63), -(10**30)], ids=hex
)
async def test_number_in_an_op_that_no_reader_would_take_is_refused(
    tmp_path: Path, value: int, dry_run: str
) -> None:
    bodies: list[tuple[str, dict[str, object]]] = [
        ("invites", {"name": "Bo", "uses": value}),
        ("amendments", {"changes": {"timing.delta_ms": value}}),
        ("amendments", {"changes": {"tiers.tactical.threshold": {"num": value, "den": 7}}}),
        ("amendments", {"changes": {"tiers.tactical.threshold": {"num": 7, "den": value}}}),
        ("amendments", {"changes": {"tiers.tactical.window_ms": value}}),
        ("amendments", {"changes": {"name": value}}),
    ]
    async with founder(tmp_path) as alice:
        for route, body in bodies:
            answer = await alice.ask("POST", f"{route}?dry_run={dry_run}", body)
            assert answer.status == 422, (route, body, answer.body)
            assert ", field " not in answer["detail"], "people know names, not places in a list"
        assert alice.community.proposals().items == ()


@pytest.mark.parametrize(
    "when",
    [
        {"closes_at": "0001-01-01T00:00:00+12:00"},
        {"closes_at": "9999-12-31T23:59:59-12:00"},
        {"closes_in": "999999999w"},
    ],
)
async def test_close_of_any_size_is_refused_in_words(tmp_path: Path, when: dict[str, str]) -> None:
    async with founder(tmp_path) as alice:
        for dry_run in ("true", "false"):
            request = "POST", f"proposals?dry_run={dry_run}"
            await refused(alice, "bad_field", 422, *request, body={**TITLE, **when})


async def test_duration_that_is_over_at_once_is_refused(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        request = "POST", "proposals"
        await refused(alice, "invalid_request", 422, *request, body={**TITLE, "closes_in": "0s"})
        invite = {"name": "Bo", "expires_in": "0d"}
        await refused(alice, "invalid_request", 422, "POST", "invites", body=invite)


# --- what a refusal is about -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("proposals?cursor=abc", "cursor"),
        ("members?cursor=abc", "cursor"),
        ("events?types=foo", "types"),
        ("proposals?tier=nope", "tier"),
        ("decisions?tier=nope", "tier"),
        ("proposals?limit=0", "limit"),
        ("proposals?state=ajar", "state"),
        ("commits?after=1&cursor=abc", "query"),
        ("status?min_index=%ff", "query"),
        ("commits/first", "index"),
        ("events?colour=red", "colour"),
    ],
)
async def test_refusal_of_a_query_names_what_is_wrong_and_no_body(
    tmp_path: Path, target: str, field: str
) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("GET", target, parts=1)
        assert answer.status == 422, answer.body
        assert [one["field"] for one in answer["errors"]] == [field]


@pytest.mark.parametrize(
    "target",
    [
        "proposals?state=open&outcome=lapsed",
        "proposals?needs_my_vote=true&outcome=passed",
        "proposals?state=decided&needs_my_vote=true",
        "proposals?state=decided&outcome=open",
        "decisions?outcome=open",
    ],
)
async def test_list_that_nothing_can_be_in_is_refused(tmp_path: Path, target: str) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("GET", target)
        assert (answer.status, answer["code"]) == (422, "invalid_request")
        assert answer["errors"][0]["field"] in ("query", "outcome")


async def test_no_refusal_of_a_request_without_a_body_speaks_of_one(tmp_path: Path) -> None:
    """Over every list and stream that there is, each query value spelled wrong."""
    wrong = {"cursor": "abc", "types": "foo", "tier": "nope", "limit": "0", "after": "-1"}
    async with founder(tmp_path) as alice:
        document = (await alice.ask("GET", "openapi.json")).document
        refused = 0
        for path, methods in document["paths"].items():
            names = [one["name"] for one in methods.get("get", {}).get("parameters", [])]
            for name in {*names} & {*wrong}:
                answer = await alice.ask(
                    "GET", f"{path.format(community='only')}?{name}={wrong[name]}", parts=1
                )
                assert answer.status == 422, (path, name)
                assert [one["field"] for one in answer["errors"]] == [name], (path, name)
                refused += 1
        assert refused > 20


async def test_header_that_is_wrong_is_named(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("GET", "events", headers=[("last-event-id", "x")], parts=1)
        assert [one["field"] for one in answer["errors"]] == ["Last-Event-ID"]


@pytest.mark.parametrize(
    ("route", "body", "field", "words", "todo"),
    [
        ("proposals", {**TITLE, "closes": "3d"}, "closes", "closes_in", "write closes_in"),
        ("proposals", {**TITLE, "txt": "x"}, "txt", "text", "write text for txt"),
        ("proposals", {**TITLE, "zzz": 1}, "zzz", "action, closes_at", "leave zzz out"),
        (
            "proposals",
            {**TITLE, "action": {"kind": "remove", "member": "me", "membr": "x"}},
            "action.remove.membr",
            "there are kind, member",
            "write member for membr",
        ),
        (
            "proposals",
            {**TITLE, "action": {"kind": "set_away", "member": "me", "away": True, "awy": 1}},
            "action.set_away.awy",
            "there are away, kind, member",
            "write away for awy",
        ),
        ("invites", {"name": "Bo", "expires": "7d"}, "expires", "expires_in", "write expires_in"),
        ("proposals?dryrun=true", TITLE, "dryrun", "dry_run, timeout, wait", "write dry_run"),
        ("proposals?zzz=1", TITLE, "zzz", "dry_run, timeout, wait", "leave zzz out"),
    ],
)
async def test_unknown_name_is_told_which_there_are_and_the_nearest(
    tmp_path: Path, route: str, body: dict[str, object], field: str, words: str, todo: str
) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("POST", route, body)
        assert (answer.status, answer["code"]) == (422, "invalid_request")
        (told,) = answer["errors"]
        assert told["field"] == field
        assert words in told["problem"]
        assert todo in answer["next"][0]
        assert alice.community.proposals().items == ()


async def test_every_field_of_every_body_is_listed_to_who_misspells_it(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        document = (await alice.ask("GET", "openapi.json")).document
        schemas = document["components"]["schemas"]
        tried = 0
        for path, methods in document["paths"].items():
            content = methods.get("post", {}).get("requestBody", {}).get("content", {})
            for media in content.values():
                schema = schemas[media["schema"]["$ref"].rpartition("/")[2]]
                answer = await alice.ask(
                    "POST", path.format(community="only", reference="1"), {"zqz": 1}
                )
                assert answer.status == 422, (path, answer.body)
                (told,) = (one for one in answer["errors"] if one["field"] == "zqz")
                assert set(schema["properties"]) <= set(
                    told["problem"].partition("there are ")[2].split(", ")
                )
                tried += 1
        assert tried > 12


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("proposals", {**TITLE, "tier": "nope"}, "tier"),
        ("node/joins", {"link": "x", "member_name": "Bo"}, "link"),
        ("invites", {"name": " "}, "name"),
        ("proposals", {**TITLE, "text": "a\u202eb"}, "text"),
    ],
)
async def test_refusal_by_the_rules_names_the_field_of_the_body(
    tmp_path: Path, route: str, body: dict[str, object], field: str
) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("POST", route, body)
        assert answer.status == 422, answer.body
        assert [one["field"] for one in answer["errors"]] == [field]


# --- methods and addresses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("proposals", {"GET", "HEAD", "POST"}),
        ("join", {"GET", "HEAD", "DELETE"}),
        ("communities", {"GET", "HEAD", "POST"}),
        ("node/joins", {"POST"}),
        ("members/me/absence", {"POST", "DELETE"}),
        ("rebuilds/signature", {"POST", "DELETE"}),
        ("/livez", {"GET", "HEAD"}),
        ("openapi.json", {"GET", "HEAD"}),
    ],
)
async def test_refused_method_is_told_all_that_are_taken(
    tmp_path: Path, target: str, allowed: set[str]
) -> None:
    async with asked(tmp_path) as alice:
        for method in ("PATCH", "OPTIONS", "TRACE", "BREW"):
            answer = await alice.ask(method, target)
            assert (answer.status, answer["code"]) == (405, "method_not_allowed")
            assert set(answer.headers["allow"].split(", ")) == allowed


async def test_address_with_a_slash_too_many_is_not_another_spelling(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        for method, target in (("GET", "proposals/"), ("POST", "proposals/"), ("GET", "//livez")):
            await refused(alice, "not_found", 404, method, target)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://127.0.0.1/livez", 200),
        ("HTTP://node/livez", 200),
        ("https://[::1]:80/livez", 200),
        ("http://a%2fb@node/api/v1/communities/only/status?min_index=0", 200),
        ("http://node", 404),
        ("http://node?x=1", 404),
        ("http://node/nothing", 404),
        ("ftp://node/livez", 404),
        ("/http://node/livez", 404),
    ],
)
async def test_target_that_is_a_whole_url_is_taken(
    tmp_path: Path, target: str, status: int
) -> None:
    """RFC 9112, 3.2.2: a server must accept what clients send to proxies."""
    async with founder(tmp_path) as alice:
        answer = await alice.ask("GET", target, is_whole=True)
        assert answer.status == status, answer.body
        if status == 404:
            assert answer["code"] == "not_found"


async def test_whole_url_takes_a_body_and_repeats_as_its_path_does(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        headers = [*JSON, ("idempotency-key", "k")]
        target = "/api/v1/communities/only/proposals"
        first = await alice.ask(
            "POST", f"http://node{target}", TITLE, headers=headers, is_whole=True
        )
        again = await alice.ask("POST", target, TITLE, headers=headers)
        assert (first.status, first.body) == (again.status, again.body)
        assert len(alice.community.proposals().items) == 1


# --- events -------------------------------------------------------------------------------


async def test_stream_from_beyond_the_log_is_refused_and_says_where_it_ends(
    tmp_path: Path,
) -> None:
    async with founder(tmp_path) as alice:
        answer = await alice.ask("POST", "proposals?wait=final", {**TITLE, "vote": "yes"})
        assert answer.status == 200
        end = alice.community.status().log
        assert end is not None
        for beyond in (end.index + 1, 2**53, 2**63 - 1):
            for target, headers in (
                (f"events?after={beyond}", ()),
                ("events", [("last-event-id", str(beyond))]),
            ):
                how = {"headers": headers, "parts": 1}
                detail = await refused(alice, "beyond_log", 409, "GET", target, **how)
                assert f"ends at commit {end.index}" in detail
        answer = await alice.ask("GET", f"events?after={end.index}", parts=1)
        assert answer.status == 200


@pytest.mark.parametrize("said", ["", "yesterday", "-1", "1.0", "²", str(2**70), "9" * 5000])
async def test_last_event_id_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    async with founder(tmp_path) as alice:
        how = {"headers": [("last-event-id", said)], "parts": 1}
        await refused(alice, "invalid_request", 422, "GET", "events", **how)


async def test_type_of_event_that_never_comes_is_refused(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        for types in ("decided", "committed,", "", "committed,Alarm"):
            how = {"parts": 1}
            detail = await refused(
                alice, "invalid_request", 422, "GET", f"events?types={types}", **how
            )
            assert "proposal_decided" in detail
