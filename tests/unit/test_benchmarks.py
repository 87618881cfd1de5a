"""What the benchmarks make of their samples: figures, rates, the table, what was reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from delays import DELAY_MS, HOUR_MS, count_delays
from measuring.cores import Cores, make_signers
from measuring.figures import Figure, Found, Missing, Point, figure, load, quantile, save
from measuring.table import Reach, as_markdown, as_text, measured_rows, reach_rows, short
from measuring.windows import count_windows

ROOT = Path(__file__).parents[2]


def test_figure_holds_median_and_spread_whatever_the_order() -> None:
    found = figure("work", [5, 1, 4, 2, 3, 6, 7, 8, 9, 10, 11], "ms", nodes=4)
    assert found == Figure("work", "p2pnode", 4, "ms", median=6, p10=2, p90=10, samples=11)


def test_quantile_between_two_samples_is_drawn_straight() -> None:
    assert quantile([1, 2], 0.5) == 1.5
    assert quantile([0, 10], 0.9) == pytest.approx(9)
    assert quantile([7], 0.1) == 7


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    found: list[Found] = [
        figure("work", [1.5], "ms", system="floor"),
        Missing("work", "etcd", "it is not installed"),
        Point("members", "time", 4, 2.5),
    ]
    save(tmp_path / "found", found)
    assert load(tmp_path / "found") == found


def test_rates_count_whole_half_seconds_after_the_warm_up() -> None:
    every_100_ms = [10**9 + step * 10**8 for step in range(31)]
    slow_start = [10**9 + 10**7] * 50  # within the warm-up
    assert count_windows(every_100_ms + slow_start, 1.0) == [10.0] * 4


def test_rate_of_what_ends_within_the_warm_up_is_refused() -> None:
    with pytest.raises(ValueError, match="warm-up"):
        count_windows([0, 10**9], 2.0)


def test_rows_are_ordered_by_work_and_nodes_and_ours_is_divided_by_theirs() -> None:
    rows = measured_rows(
        [
            figure("finality", [20], "ms", nodes=7),
            figure("finality", [30], "ms", nodes=4),
            figure("disk", [5], "MB"),
            figure("finality", [10, 10, 10], "ms", nodes=4, system="floor"),
            Missing("finality", "etcd", "it is not installed"),
        ]
    )
    assert rows == [
        ("finality", "4", "p2pnode", "30.0", "", "ms", "1", ""),
        ("finality", "4", "floor", "10.0", "10.0 – 10.0", "ms", "3", "3.00"),
        ("finality", "7", "p2pnode", "20.0", "", "ms", "1", ""),
        ("finality", "", "etcd", "not measured", "it is not installed", "", "", ""),
        ("disk", "", "p2pnode", "5.00", "", "MB", "1", ""),
    ]


@pytest.mark.parametrize(
    ("limit", "most", "verdict"),
    [(3.0, True, "met"), (2.9, True, "missed"), (3.0, False, "met"), (3.1, False, "missed")],
)
def test_reach_is_judged_by_the_ratio_to_the_other_system(
    limit: float, most: bool, verdict: str
) -> None:
    found = [
        figure("finality", [30], "ms", nodes=4),
        figure("finality", [10], "ms", nodes=4, system="floor"),
    ]
    reach = Reach("× the floor", "finality", 4, limit, most, against="floor")
    sign = "≤" if most else "≥"
    assert reach_rows([reach], found) == [
        ("× the floor", "3.00", f"{sign} {short(limit)}", verdict)
    ]


@pytest.mark.parametrize("lacking", ["p2pnode", "floor"])
def test_reach_of_which_one_half_was_not_measured_is_unknown(lacking: str) -> None:
    found = [
        figure("finality", [30], "ms", nodes=4, system=system)
        for system in ("p2pnode", "floor")
        if system != lacking
    ]
    reach = Reach("× the floor", "finality", 4, 1.5, most=True, against="floor")
    assert reach_rows([reach], found) == [("× the floor", "not measured", "≤ 1.50", "unknown")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1 234")],
)
def test_numbers_are_shown_with_three_digits(value: float, shown: str) -> None:
    assert short(value) == shown


def test_tables_as_text_and_as_markdown() -> None:
    rows = [("a", "1"), ("a", "22"), ("b", "3")]
    assert as_text(("work", "n"), rows) == "work  n\na     1\n      22\nb     3\n"
    assert as_markdown(("work", "n"), rows[:1]) == "| work | n |\n| --- | --- |\n| a | 1 |\n"


def test_performance_document_has_the_marks_between_which_it_is_written() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert text.count("<!-- measured: begin -->\n") == 1
    assert text.count("<!-- measured: end -->\n") == 1


@pytest.mark.parametrize("silence_ms", [0, HOUR_MS], ids=["in order", "after an hour's silence"])
@pytest.mark.parametrize("nodes", [4, 5, 7, 10, 16])
def test_deciding_vote_is_final_everywhere_four_delays_later(nodes: int, silence_ms: int) -> None:
    cores = Cores(make_signers(nodes), latency_ms=DELAY_MS)
    for number in range(3):
        cores.run(silence_ms)
        assert count_delays(cores, number) == (4, 4)
