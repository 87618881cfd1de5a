"""Members that do not keep to the protocol: small strategies, to be stacked.

Each is a class that stands in for a node's core (`World(wrap={"dave": Fork})`); `stack`
puts several around one. docs/testing.md says what each does and what is checked.
"""

from .blocks import (
    BadBlocks,
    FalseRoot,
    FewParents,
    Fork,
    Late,
    OddParents,
    ThirdForks,
    Twins,
    WrongTime,
)
from .callers import CallsAgain, ComesAnew
from .conspiracy import Conspiracy
from .leaps import DripLeap, Elsewhere, FalseLeap
from .liar import Liar, Restless, stack
from .ops import ComeAndGo, Flood, ForkOps, Friends, OddOps
from .words import (
    FalseStatus,
    Forge,
    OrphanCaller,
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

# What fills buffers; with `Plan.phones` each liar has further devices that do so as well.
FLOODS: dict[str, type[Liar]] = {
    one.__name__: one for one in (Flood, Fork, OddParents, Orphans, ThirdForks)
}

__all__ = [
    "FLOODS",
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
    "OrphanCaller",
    "OrphanFlood",
    "Orphans",
    "Replay",
    "Replayer",
    "Restless",
    "Silence",
    "TextWithholder",
    "ThirdForks",
    "Twins",
    "Withhold",
    "WrongTime",
    "stack",
]
