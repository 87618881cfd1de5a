"""Commands that are suggested, read by the command line's own parser.

A hint is what `next` holds, or what stands after "try:": a whole command that can be copied, or
a sentence without any. A placeholder in capitals may stand for a value.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from p2pnode_cli.arguments import fill_wait
from p2pnode_cli.main import app

# Building fifty commands takes longer than what a test does with one; they keep nothing of a call.
typer.main.get_command = functools.cache(typer.main.get_command)

MENTION = re.compile(r"\bp2pnode (?=--|[a-z])")
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_-]*")


def problem_of(step: str, before: str = "") -> str | None:
    """Return why a hint fails for whoever copies it; None: it does not.

    Args:
        step: the hint.
        before: the one in front of it; one that ends with a colon is about this one.
    """
    if MENTION.search(step) is None:
        is_part = re.fullmatch(r"--[a-z-]+( \S+)?(,.*)?|[\w.]+=\S+", step)
        return "options or a value without their command" if is_part else None
    if not step.startswith("p2pnode "):
        return "words stand before the command: they belong into the sentence"
    # Who fetches a lost record has a seat, and a name; whoever is invited has to say one.
    is_invited = step.startswith("p2pnode join LINK") and not before.endswith("(devices link):")
    if is_invited and "--name" not in step:
        return "an invite needs --name NAME"
    return problem_of_command(step)


def problems_of(steps: Sequence[str]) -> list[str]:
    """Return what is wrong with hints, each with the one before it."""
    found = (problem_of(one, before) for before, one in zip(["", *steps], steps, strict=False))
    return [one for one in found if one is not None]


def problem_of_command(line: str) -> str | None:
    """Return what the shell or the command line's parser has against this line."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError as error:
        return f"the shell cannot read it: {error}"
    commands: list[list[str]] = [[]]
    for one in words:
        if one == ";":
            commands.append([])
        elif one and set(one) <= set("();<>|&"):
            return f"the shell takes {one!r} for its own"
        else:
            commands[-1].append(one)
    for command in commands:
        if command[:1] != ["p2pnode"]:
            return f"{' '.join(command)!r} is no command of ours"
    return next((one for one in (_parse(fill_wait(one[1:])) for one in commands) if one), None)


def _parse(words: list[str]) -> str | None:
    command: Any = typer.main.get_command(app)
    context: Any = None
    is_help = "--help" in words  # which is printed whatever is missing
    while True:
        context = command.context_class(command, info_name=command.name, parent=context)
        try:
            given, rest, _order = command.make_parser(context).parse_args(list(words))
        except Exception as error:  # the parser's own kinds: no such option, a value is missing
            return str(error) or repr(error)
        inner = getattr(command, "commands", None)
        found = _problem_of_values(command, context, given, rest)
        if found is not None and not is_help:
            return found
        if inner is None or not rest:
            if inner is not None and not is_help and not command.invoke_without_command:
                return "a command is missing after it"
            return None
        if rest[0] not in inner:
            return f"there is no command {rest[0]!r}"
        command, words = inner[rest[0]], rest[1:]


def _problem_of_values(
    command: Any, context: Any, given: dict[str, Any], rest: list[str]
) -> str | None:
    for one in command.get_params(context):
        value = given.get(one.name)
        if value is None or value == ():
            if one.required:
                return f"{one.human_readable_name} is missing"
            continue
        for said in value if isinstance(value, tuple | list) else (value,):
            if isinstance(said, str) and not PLACEHOLDER.fullmatch(said):
                try:
                    one.type.convert(said, one, context)
                except Exception as error:  # a value that its type refuses
                    return str(error)
    if getattr(command, "commands", None) is None and rest:
        return f"{' '.join(rest)!r} is too much"
    return None


def problem_of_mentions(text: str) -> str | None:
    """Return what is wrong with a command that a sentence names: its words and their options."""
    for found in MENTION.finditer(text):
        words = text[found.end() :].split()
        command: Any = typer.main.get_command(app)
        named = False
        for at, word in enumerate(words):
            bare = re.match(r"[a-z-]*", word)
            name = "" if bare is None else bare[0]
            inner = getattr(command, "commands", {})
            if name in inner:
                command, named = inner[name], True
                if name != word:
                    break
            elif word.startswith("--") and name not in {"--home", "--help", "--"}:
                known = {option for one in command.params for option in one.opts}
                if name not in known:
                    return f"{text[found.start() :][:60]!r}: no option {name}"
            elif at == 0 and word.startswith(("--home", "--help")):
                break
            elif not named and at == 0:
                return f"{text[found.start() :][:60]!r}: there is no command {word!r}"
            else:
                break
    return None


def steps_in(document: object) -> Iterator[list[str]]:
    """Yield the hints of a JSON document: what each of its lists called `next` holds."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "next" and isinstance(value, list):
                yield [one for one in value if isinstance(one, str)]
            else:
                yield from steps_in(value)
    elif isinstance(document, list):
        for one in document:
            yield from steps_in(one)
