"""Variables of the environment. Standard library only: see `errors`."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import ConfigError


def read_variable(env: Mapping[str, str], name: str) -> str | None:
    """Return a `P2PNODE_*` variable's text, None when it is not set.

    Raises:
        ConfigError: `bad_config`, it is set to nothing. In a script that is another variable
            that was not set, and what is meant would be guessed.
    """
    text = env.get(name)
    if text is not None and not text.strip():
        raise ConfigError(
            "bad_config",
            f"{name} is empty; a variable that is not set, perhaps?",
            f"unset {name}, or give it a value",
        )
    return text
