"""Generate `p2pnode_protocols/record/seats/name_tables.py` from files of the Unicode Consortium.

What counts as the same name is part of the log's rules (docs/protocol.md R2.20), so it must
not depend on the Unicode version of the Python that runs it, and changes only with a new version
of the protocol. Needs, of ONE version, `UnicodeData.txt`, `DerivedNormalizationProps.txt` and
`DerivedCoreProperties.txt` of the Unicode Character Database, and `confusables.txt` of UTS #39:

    python3 protocols/tables/make_name_tables.py DIRECTORY > \\
        protocols/p2pnode_protocols/record/seats/name_tables.py

The data are © Unicode, Inc., used under LICENSE-UNICODE.txt beside this file.
"""

from __future__ import annotations

import base64
import re
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

# What has a category that names may hold, but shows nothing or stands for what is missing.
BLANK = {0x2800, 0xFFFC, 0xFFFD}
HANGUL, HANGUL_END = 0xAC00, 0xD7A3


class Ucd:
    """The properties of one Unicode version that names need."""

    def __init__(self, folder: Path) -> None:
        self.version = self._version(folder)
        self.categories: dict[int, str] = {}
        self.classes: dict[int, int] = {}
        self._canonical: dict[int, tuple[int, ...]] = {}
        self._read_characters(folder / "UnicodeData.txt")
        self._folded = {
            code: _codes(fields[2])
            for code, fields in _properties(folder / "DerivedNormalizationProps.txt")
            if fields[1] == "NFKC_CF"
        }
        self.ignorable = {
            code
            for code, fields in _properties(folder / "DerivedCoreProperties.txt")
            if fields[1] == "Default_Ignorable_Code_Point"
        }
        self._prototypes = {
            code: _codes(fields[1]) for code, fields in _properties(folder / "confusables.txt")
        }

    @staticmethod
    def _version(folder: Path) -> str:
        found = set()
        for name in ("DerivedNormalizationProps", "DerivedCoreProperties", "confusables"):
            head = (folder / f"{name}.txt").read_text("utf-8-sig")[:1000]
            said = re.search(r"(?:Version: |-)(\d+\.\d+\.\d+)", head)
            assert said is not None, name
            found.add(said[1])
        if len(found) != 1:
            raise SystemExit(f"files of different versions: {sorted(found)}")
        return found.pop()

    def _read_characters(self, path: Path) -> None:
        first = 0
        for line in path.read_text("utf-8").splitlines():
            code_text, name, category, combining, _bidi, decomposition, *_rest = line.split(";")
            code = int(code_text, 16)
            if name.endswith(", First>"):
                first = code
                continue
            for one in range(first if name.endswith(", Last>") else code, code + 1):
                self.categories[one] = category
            if combining != "0":
                self.classes[code] = int(combining)
            if decomposition and not decomposition.startswith("<"):
                self._canonical[code] = _codes(decomposition)

    def decomposed(self, code: int) -> tuple[int, ...]:
        """Return the canonical decomposition, in full."""
        if HANGUL <= code <= HANGUL_END:
            at = code - HANGUL
            jamo = (0x1100 + at // 588, 0x1161 + at % 588 // 28, 0x11A7 + at % 28)
            return jamo if at % 28 else jamo[:2]
        parts = self._canonical.get(code)
        return (code,) if parts is None else _each(parts, self.decomposed)

    def folded(self, code: int) -> tuple[int, ...]:
        """Return NFKC_Casefold of one character, decomposed."""
        return _each(self._folded.get(code, (code,)), self.decomposed)

    def prototype(self, code: int) -> tuple[int, ...]:
        return _each(self._prototypes.get(code, (code,)), self.decomposed)

    def small(self, code: int) -> tuple[int, ...]:
        """Return what `code` looks like once its case is folded."""
        return _each(self.folded(code), self.prototype)

    def shape(self, code: int) -> tuple[int, ...]:
        """Return the folded form of what `code` looks like as it stands."""
        return _each(_each(self.decomposed(code), self.prototype), self.folded)

    def is_allowed(self, code: int) -> bool:
        return (
            self.categories.get(code, "Cn")[0] in "LMNPS"
            and code not in self.ignorable
            and code not in BLANK
        ) or code == 0x20


def _each(codes: Iterable[int], change: Callable[[int], tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(part for code in codes for part in change(code))


def _codes(text: str) -> tuple[int, ...]:
    return tuple(int(one, 16) for one in text.split())


def _properties(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (character, fields) of a file with one property or range a line."""
    for line in path.read_text("utf-8-sig").splitlines():
        fields = [one.strip() for one in line.partition("#")[0].split(";")]
        if len(fields) < 2:
            continue
        first, _, last = fields[0].partition("..")
        for code in range(int(first, 16), int(last or first, 16) + 1):
            yield code, fields


def _ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for code in sorted(codes):
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


def _span(first: int, last: int) -> str:
    return f"{first:x}" if first == last else f"{first:x}-{last:x}"


def _wrapped(name: str, text: str) -> str:
    wrapped = textwrap.wrap(text, 91, break_on_hyphens=False)
    lines = "\n".join(f'    "{line} "' for line in wrapped)
    return f"{name} = (\n{lines}\n)\n"


def _packed(name: str, mapping: dict[int, tuple[int, ...]]) -> str:
    # Each start of a program reads it: plain lines and base64 take a tenth of what ranges and
    # base85 would, and a tenth more room.
    lines = [chr(code) + "".join(map(chr, mapping[code])) for code in sorted(mapping)]
    packed = base64.b64encode(zlib.compress("\n".join(lines).encode(), 9)).decode()
    wrapped = "\n".join(f'    "{packed[at : at + 92]}"' for at in range(0, len(packed), 92))
    return f"{name} = (\n{wrapped}\n)\n"


def make(folder: Path) -> str:
    """Return the text of the module."""
    ucd = Ucd(folder)
    allowed = [code for code in range(0x110000) if ucd.is_allowed(code)]
    plain = [code for code in allowed if not HANGUL <= code <= HANGUL_END]
    small = {code: ucd.small(code) for code in plain if ucd.small(code) != (code,)}
    shape = {code: ucd.shape(code) for code in plain if ucd.shape(code) != ucd.small(code)}
    by_class: dict[int, list[int]] = {}
    for code, combining in ucd.classes.items():
        by_class.setdefault(combining, []).append(code)
    classes = " ".join(
        f"{_span(*span)}={combining}"
        for combining in sorted(by_class)
        for span in _ranges(by_class[combining])
    )
    return (
        f'"""Generated by protocols/tables/make_name_tables.py. Do not edit.\n\n'
        f"Derived from the Unicode Character Database and UTS #39 confusables, version\n"
        f"{ucd.version}, © Unicode, Inc., under protocols/tables/LICENSE-UNICODE.txt.\n"
        f'`names.py` reads it.\n"""\n\n'
        f'UNICODE = "{ucd.version}"\n\n'
        "# Characters that may stand in a name: ranges, in hexadecimal.\n"
        + _wrapped("ALLOWED", " ".join(_span(*span) for span in _ranges(allowed)))
        + "\n# Canonical combining classes other than 0: ranges, and the class in decimal.\n"
        + _wrapped("CLASSES", classes)
        + "\n# What a character looks like once its case is folded, where that is not itself:\n"
        "# lines of a character and its target, base64 of zlib.\n"
        + _packed("SMALL", small)
        + "\n# The folded form of what it looks like as it stands, where that differs from SMALL.\n"
        + _packed("SHAPE", shape)
    )


if __name__ == "__main__":
    sys.stdout.write(make(Path(sys.argv[1])))
