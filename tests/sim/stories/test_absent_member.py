"""An absent member costs Δ once, not once a round.

Four nodes, Q = 3, Δ = 1 s, links of 1–3 ms. Dave loses power: for up to 10 s the others
still believe in the connection and wait for his block of the round. Whoever waited for him in
vain does not wait again, so the first decision takes Δ and a little, the next ones only
what their messages take.
"""

from __future__ import annotations

from sim.simulator.scenario import answer, ask, calm_world, until_final

DELTA_S = 1.0
QUICK_S = 0.2


def test_absent_member_delays_by_delta_only_once() -> None:
    world = calm_world(4, delta_ms=1_000, delta_max_ms=8_000)
    alice, bob, carol, dave = world.nodes

    def decide() -> float:
        topic = ask(world, alice, urgent=True)
        answer(world, topic, (alice, bob, carol), urgent=True)
        return until_final(world, topic, 10, (alice, bob, carol))

    assert decide() < QUICK_S, "with all present nobody waits"
    dave.crash("power")
    first, second = decide(), decide()
    assert DELTA_S <= first < DELTA_S + QUICK_S
    assert second < QUICK_S
