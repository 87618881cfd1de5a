"""Which community a request is about: the first part of its path says it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from ..community.community import Community
from ..host.host import Host

ONLY = "only"  # in place of a name: the only community of this home


async def find_meant(
    request: Request,
    community: Annotated[
        str,
        Path(description=f"Its name, its id or at least 4 characters of that; or `{ONLY}`."),
    ],
) -> Community:
    """Return the community that a path names. Raises as `Host.community`."""
    host: Host = request.app.state.host
    return host.community(None if community == ONLY else community)


Meant = Annotated[Community, Depends(find_meant)]
