"""A text in parts at a node that leapt: what is erased or missing stands in its place (R2.30).

Three members decide a text of three parts, and to erase the second one. Epochs go by, and their
blocks. The third part is lost at every node. Then bob invites dave, who leaps. He has the first
part, knows that the second one is erased, and asks for the third one until somebody has it again.
"""

from __future__ import annotations

from sim.simulator.parts.node import SimNode
from sim.simulator.parts.people import Topic
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final
from sim.simulator.world import World

from p2pnode.answers.proposals import Proposals
from p2pnode_protocols.record.actions import EraseAction, NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import Part, make_text
from p2pnode_protocols.steps.writes import SaveLeap
from p2pnode_protocols.wire.ids import OpId, WallMs

WORDS = ("# When", "At ten, at Bo's house.", "Who comes late brings cake.")


def ask_in_parts(world: World, author: SimNode) -> tuple[Topic, tuple[Part, ...]]:
    title, blob = make_text(b"t" * 16, "Meet on Tuesdays")
    made = [make_text(bytes([number]) * 16, words) for number, words in enumerate(WORDS, 1)]
    parts = tuple(Part(number, ref) for number, (ref, _) in enumerate(made, 1))
    asked: list[Op] = []
    body = Propose("implementation", title, parts, NoAction(), WallMs(0))
    world.people.say(
        author, body, (blob, *(one for _, one in made)), urgent=True, then=asked.append
    )
    world.run_until(lambda: bool(asked), 2, "the text is acknowledged")
    return Topic(asked[0].id, asked[0].id, author), parts


def shown(node: SimNode, proposal: OpId) -> tuple[str | None, list[str], bool]:
    """Return the text as people read it, the state of each part, and whether all has arrived."""
    assert node.core is not None
    proposals = Proposals(node.core, node.disk.store)
    (revision,) = proposals.proposal(proposals.view(proposal)).revisions
    return revision.text, [one.state for one in revision.parts], revision.arrived


def test_what_is_erased_or_missing_after_a_leap_stands_in_its_place() -> None:
    world = calm_world(3, joiners=1, neighbours=2, epoch_rounds=50, keep_epochs=1)
    alice, bob, carol = world.nodes
    topic, parts = ask_in_parts(world, alice)
    answer(world, topic, (alice, bob), urgent=True)
    until_final(world, topic, 5, world.nodes)
    assert shown(carol, topic.id) == ("\n\n".join(WORDS), ["here"] * 3, True)
    erasure = ask(world, bob, "strategic", EraseAction((parts[1].text.id,)), urgent=True)
    answer(world, erasure, (alice, bob, carol), urgent=True)
    until_final(world, erasure, 5, world.nodes)
    erased = "# When\n\n(erased by decision 2)\n\nWho comes late brings cake."
    for node in world.nodes:
        assert shown(node, topic.id) == (erased, ["here", "erased", "here"], True)

    for _ in range(60):
        other = ask(world, alice, "implementation", urgent=True)
        answer(world, other, (alice, bob), urgent=True)
        until_final(world, other, 5, world.nodes)
    lost = [node.disk.store.texts.pop(parts[2].text.id) for node in world.nodes]
    world.people.invite(bob)
    world.run_until(lambda: len(world.nodes) == 4, 20, "the invite is decided")
    dave = world.nodes[3]
    world.run_until(
        lambda: dave.core is not None and dave.core.member is not None, 60, "dave has his seat"
    )
    world.run_for(5)
    assert any(isinstance(one, SaveLeap) for one in dave.disk.store.by_number.values())
    half = "# When\n\n(erased by decision 2)\n\n(this part has not arrived here)"
    assert shown(dave, topic.id) == (half, ["here", "erased", "missing"], False)

    carol.disk.store.texts[parts[2].text.id] = lost[0]
    world.run_until(lambda: shown(dave, topic.id)[2], 600, "dave has the part that was lost")
    assert shown(dave, topic.id) == (erased, ["here", "erased", "here"], True)
    for node in (alice, bob):
        node.disk.store.texts[parts[2].text.id] = lost[0]
    settle(world)
