"""Commands that refuse an option which is given twice and takes one value.

The parser would keep the last one without a word: of `--remove Ana --remove Bo` only Bo.
And groups that say in one line that a command is missing, where a program reads it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from .usage import UsageError

_BadParameter: Any = typer.BadParameter  # takes the parser's own types, which are not public


class Command(TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _refuse_twice(self, ctx, args)
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if self.no_args_is_help and not args and getattr(ctx.obj, "as_json", False):
            raise UsageError("Missing command.", ctx)  # the parser prints pages of help
        _refuse_twice(self, ctx, args)
        return super().parse_args(ctx, args)


def _refuse_twice(command: TyperCommand | TyperGroup, ctx: Any, args: list[str]) -> None:
    _, _, order = command.make_parser(ctx).parse_args(list(args))
    counts = Counter(id(one) for one in order)
    for one in order:
        is_single = not getattr(one, "multiple", True) and not getattr(one, "is_flag", False)
        if is_single and counts[id(one)] > 1:
            raise _BadParameter("it is given twice, and takes one value", ctx=ctx, param=one)
