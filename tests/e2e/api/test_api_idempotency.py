"""A POST repeated with its Idempotency-Key is carried out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from support.processes.daemons import Answer, Daemon, Start

BODY = {"tier": "tactical", "title": "Tea"}


def post(node: Daemon, key: str, body: object = None) -> Answer:
    return node.ask("POST", "proposals", body or BODY, headers={"Idempotency-Key": key})


def test_repeated_post_answers_as_the_first_and_does_nothing(start: Start) -> None:
    (alice,) = start("alice")
    first, second = post(alice, "k1"), post(alice, "k1")
    assert first.document == second.document
    assert first.status == second.status
    assert post(alice, "k2")["op"] != first["op"]
    assert len(alice.get("proposals")["items"]) == 2


def test_posts_at_the_same_time_are_one(start: Start) -> None:
    (alice,) = start("alice")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(alice, "k1"), range(4)))
    assert len({one["op"] for one in answers}) == 1
    assert len(alice.get("proposals")["items"]) == 1


def test_key_of_another_request_is_refused(start: Start) -> None:
    (alice,) = start("alice")
    post(alice, "k1")
    answer = post(alice, "k1", {**BODY, "title": "Coffee"})
    assert (answer.status, answer["code"]) == (422, "idempotency_mismatch")
    answer = post(alice, "k" * 201)
    assert (answer.status, answer["code"]) == (422, "idempotency_mismatch")
    assert len(alice.get("proposals")["items"]) == 1


def test_refusal_is_repeated_too(start: Start) -> None:
    (alice,) = start("alice")
    wrong = {**BODY, "tier": "royal"}
    first = post(alice, "k1", wrong)
    assert (first.status, first["code"]) == (422, "unknown_tier")
    assert post(alice, "k1", wrong).document == first.document
