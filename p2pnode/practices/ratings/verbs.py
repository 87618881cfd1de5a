"""The verbs of ratings: saying that something matters, and what matters now."""

from __future__ import annotations

from p2pnode_protocols.practices.ratings.bodies import Rate
from p2pnode_protocols.practices.ratings.record import Trend
from p2pnode_protocols.practices.ratings.words import find_trends
from p2pnode_protocols.record.seam.practice import said_of
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId

from ...answers import Person, Receipt
from ...community.community import Community
from ...community.verbs.submitting import NOW, How, Texts
from .values import RatedItem, Rater, Trends


class Ratings:
    """Rate items. Raises as `Proposing` does; `not_active` where ratings are not in force.

    Args:
        community: in which.
    """

    def __init__(self, community: Community) -> None:
        self._community = community

    async def rate(self, item: str, *, on: bool = True, how: How = NOW) -> Receipt:
        """Say that an item matters, or take that back.

        Args:
            item: a proposal, as people refer to one.

        Raises:
            UsageError: `unknown_proposal`, `ambiguous_id`, `bad_id`; `already_said`;
                `too_many`: so many are rated already.
        """
        found = self._community.find_proposal(item)
        body = said_of(Rate.KIND, Rate((), found, on))
        return await self._community.say(body, Texts(), how)

    def trends(self) -> Trends:
        """Return what matters now, most first. Raises `UsageError` `not_active`."""
        _session, core = self._community.here.running()
        preview = core.preview
        if "ratings" not in preview.state.in_force:
            raise UsageError("not_active", "ratings are not in force in this community")
        base, now_ms = preview.base("ratings"), preview.now_ms
        here = {one.item: one for one in find_trends(base, now_ms)}
        final = {one.item: one for one in find_trends(core.state.base("ratings"), now_ms)}
        items = [self._item(one, final.get(item)) for item, one in here.items()]
        items += [self._item(None, one) for item, one in final.items() if item not in here]
        return Trends(now_ms, base.settings.half_life_ms, tuple(items))

    def _item(self, here: Trend | None, final: Trend | None) -> RatedItem:
        """Describe an item: `here` with what is not final yet, `final` by the record alone."""
        trend = here or final
        assert trend is not None
        _session, core = self._community.here.running()
        proposals, roster = self._community.overview.proposals, core.state.roster
        try:  # by what members sign anything that has an id may be rated
            summary = proposals.summary(proposals.view(OpId(trend.item)))
        except UsageError:
            summary = None
        on = {} if here is None else dict(here.raters)
        recorded = {} if final is None else dict(final.raters)
        raters = tuple(
            Rater(
                Person(member, roster.name_of(member)),
                since_ms,
                "leaving" if member not in on else "final" if member in recorded else "queued",
            )
            for member, since_ms in {**recorded, **on}.items()
        )
        return RatedItem(
            "record" if summary is None else "proposal",
            trend.item.hex(),
            summary,
            0 if here is None else here.weight,
            0 if final is None else final.weight,
            tuple(sorted(raters, key=lambda one: (one.since, one.person.id))),
            core.member in on,
        )
