"""Members that do not keep to the protocol: small strategies, to be stacked.

Each is a class that stands in for a node's core (`World(wrap={"dave": Fork})`); `stack`
puts several around one. docs/testing.md says what each does and what is checked.
"""

from .blocks import BadBlocks, FalseRoot, FewParents, Fork, Late, OddParents, Twins, WrongTime
from .callers import CallsAgain, ComesAnew
from .conspiracy import Conspiracy
from .leaps import DripLeap, Elsewhere, FalseLeap
from .liar import Liar, Restless, stack
from .ops import ComeAndGo, Flood, ForkOps, Friends, OddOps
from .words import (
    FalseStatus,
    Forge,
    OrphanFlood,
    Orphans,
    Replay,
    Replayer,
    Silence,
    TextWithholder,
    Withhold,
)

# What a random liar is made of, by name.
STRATEGIES: dict[str, type[Liar]] = {
    one.__name__: one
    for one in (
        BadBlocks,
        ComeAndGo,
        FalseRoot,
        FalseStatus,
        FewParents,
        Flood,
        Forge,
        Fork,
        ForkOps,
        Friends,
        Late,
        OddOps,
        OddParents,
        Orphans,
        Replay,
        Silence,
        TextWithholder,
        Twins,
        Withhold,
        WrongTime,
    )
}

# What is of use only where somebody is far behind.
MISLEADING: dict[str, type[Liar]] = {one.__name__: one for one in (DripLeap, Elsewhere, FalseLeap)}

__all__ = [
    "MISLEADING",
    "STRATEGIES",
    "BadBlocks",
    "CallsAgain",
    "ComeAndGo",
    "ComesAnew",
    "Conspiracy",
    "DripLeap",
    "Elsewhere",
    "FalseLeap",
    "FalseRoot",
    "FalseStatus",
    "FewParents",
    "Flood",
    "Forge",
    "Fork",
    "ForkOps",
    "Friends",
    "Late",
    "Liar",
    "OddOps",
    "OddParents",
    "OrphanFlood",
    "Orphans",
    "Replay",
    "Replayer",
    "Restless",
    "Silence",
    "TextWithholder",
    "Twins",
    "Withhold",
    "WrongTime",
    "stack",
]
