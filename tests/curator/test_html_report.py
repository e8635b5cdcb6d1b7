"""The HTML report: one file that needs nothing, shows the figures, and shows whatever a model wrote as text."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.escape import plain
from curator.html_report import HEAT_LEVELS, heat_rows, lengths_chart, order_of_reasons, report_page
from curator.lengths import Lengths
from curator.store.tables import RunPolicy
from curator.trace_examples import trace_examples
from curator.yield_report import print_yield
from curator.yields import Outcome as DecidedBy
from curator.yields import YieldReport, yield_report
from schemas.candidate import Candidate, Run
from schemas.policy import PolicyRule
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
RUN = "document.title='owned'"
TAGS = f"</script><script>{RUN}</script></title></style></textarea><!-- <img src=x onerror={RUN}><svg/onload={RUN}>"
LINKS = (
    f'"><a href="javascript:{RUN}">x</a>[x](javascript:{RUN})<meta http-equiv=refresh content=0;url=//x><base href=//x>'
)
STEERING = "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe [red]x[/red] {{ 7 * 7 }}{% raw %} \ud800 \x00"
SHOWN = "\\x1b[2J\\x1b]0;owned\\x07 \\u202egnp.exe [red]x[/red] {{ 7 * 7 }}{% raw %}"
HOSTILE = TAGS + LINKS + STEERING
OURS = """html head meta title style body main header footer section h1 h2 h3 h4 p b code div span table thead tbody
    tr th td svg rect line text figure figcaption details summary dl dt dd pre"""


class Page(HTMLParser):
    """What a browser made of a page: its elements, the names of their attributes, and the text right within each."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.open = Counter[str](), set[str](), ""
        self.texts: defaultdict[str, list[str]] = defaultdict(list)
        self.feed(source)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.open = tag

    def handle_endtag(self, tag) -> None:
        self.open = ""

    def handle_data(self, data) -> None:
        self.texts[self.open].append(data)

    @property
    def title(self) -> str:
        return self.texts["title"][0]


@pytest.fixture
def browser(tmp_path):
    """Open a page in headless Chromium, let its scripts run, and return its document and what the console said."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no browser here: sudo apt-get install chromium")
    words = ("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-quic", "disable-background-networking",
             "disable-component-update", "disable-sync", "enable-logging=stderr", "virtual-time-budget=2000",
             f"user-data-dir={tmp_path / 'profile'}", "dump-dom")  # fmt: skip

    def opened(source: str) -> tuple[Page, str]:
        path = tmp_path / "opened.html"
        path.write_text(source, "utf-8")
        command = [program, *(f"--{word}" for word in words), path.as_uri()]
        done = subprocess.run(command, capture_output=True, check=True, timeout=100)
        return Page(done.stdout.decode()), done.stderr.decode(errors="replace")

    return opened


@pytest.fixture
def hostile(bench) -> YieldReport:
    """A run whose every text tries to be more than text; one trace is a line of a megabyte."""
    run, verdict = f"{bench.run}{HOSTILE}", (Outcome.REJECT, Reason.WRONG_ANSWER)
    problem = Problem(f"{bench.run}{HOSTILE}", "math", f"2+2? {HOSTILE}", f"4{HOSTILE}", language=f"en{HOSTILE}")
    bench.store.write([problem, Run(run, HOSTILE, HOSTILE, None, "", START)])
    bench.store.write([RunPolicy(run, PolicyRule("math", "math", "required", 0))])
    for at, content in enumerate((HOSTILE, "y" * 1_000_000 + HOSTILE)):
        name = f"b2:{bench.run}{at}"
        said = Verdict(name, "math", HOSTILE, "b2:c", *verdict, HOSTILE, HOSTILE, HOSTILE, None, 1.0, START)
        candidate = Candidate(name, run, problem.id, at, HOSTILE, content, "reasoning", "stop", HOSTILE, None, 9, 9)
        bench.store.write([candidate, said])
    return yield_report(bench.store, bench.path, [run.replace("\ud800", "\ufffd")])


@pytest.fixture
def source(bench, hostile) -> str:
    """Its page."""
    return report_page(hostile, trace_examples(bench.store, list(hostile.runs)), START)


def test_hostile_text_is_text_in_a_browser(source, browser) -> None:
    """No script ran, no element or address is there but ours, and the text can be read."""
    page, console = browser(source)
    assert page.title == "Yield report of s.duckdb"
    assert set(page.tags) <= set(OURS.split())
    assert page.tags["details"] == 2
    assert not [name for name in page.attributes if name.startswith("on") or name in {"src", "href", "style"}]
    for shown in (TAGS, LINKS, SHOWN):
        assert "".join(page.texts["pre"]).count(shown) == 6, "problem, reasoning and content of two candidates"
    assert "Content Security Policy" not in console, "its own style must be allowed"


def test_the_browser_would_have_noticed(source, browser) -> None:
    """Scripts do run in this browser; within a report the policy stops even one that stands there unescaped."""
    assert browser(f"<title>x</title><body>{TAGS}")[0].title == "owned"
    page, console = browser(source.replace("<main>", f"<main><script>{RUN}</script><img src=x onerror={RUN}>"))
    assert page.title == "Yield report of s.duckdb"
    assert "Content Security Policy" in console


def test_long_texts_are_cut_in_the_middle(source) -> None:
    """The page stays small, says how much it left out, and has the end, where the answer stands."""
    assert len(source) < 60_000
    assert f"{1_000_000 + len(HOSTILE) - 3000:,} characters left out" in source


def test_a_page_needs_nothing_else(source) -> None:
    """One file: it names no address, and all style is in its head."""
    page = Page(source)
    assert not {"src", "href", "srcset", "style", "action"} & set(page.attributes)
    assert not re.search(r"url\(|@import", "".join(page.texts["style"]))


def test_hostile_text_is_text_on_a_terminal(hostile, capsys) -> None:
    """Nothing that a terminal would obey is printed, and markup stays as it was written."""
    print_yield(hostile, "curator")
    out = capsys.readouterr().out
    assert out == plain(out)
    assert "</script><script>" in out
    assert "[red]x[/red]" in out


DECIDED = (("accepted", "ok", "policy"), ("rejected", "wrong_answer", "math"), ("undecided", "no_gold", "math"))
OUTCOMES = st.sampled_from([DecidedBy(*one) for one in (*DECIDED, ("rejected", "wrong_answer", "exact"))])
COUNTS = st.dictionaries(OUTCOMES, st.integers(1, 10**6), min_size=1)


@given(COUNTS)
def test_a_heat_row_adds_up(counts) -> None:
    """Its cells are all of its candidates, shaded from the faintest to the fullest."""
    (row,) = heat_rows({"math": Counter(counts)}, order_of_reasons(counts))
    assert sum(cell.candidates for cell in row.cells) == row.candidates == sum(counts.values())
    assert all(1 <= cell.heat <= HEAT_LEVELS for cell in row.cells)
    heats = [cell.heat for cell in sorted(row.cells, key=lambda cell: cell.share)]
    assert heats == sorted(heats)


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 100), min_size=1))
def test_bars_stay_in_their_drawing(counts) -> None:
    """Every trace is in a bar; bars stand on the axis, side by side, the highest as high as the drawing."""
    chart = lengths_chart({"accepted": Lengths(counts), "rejected": Lengths({})})
    bars = chart.bars["accepted"]
    assert max(bar.height for bar in bars) == chart.height
    for bar in bars:
        assert bar.top + bar.height == pytest.approx(chart.height)
        assert 0 <= bar.left < bar.left + bar.width <= chart.width
    assert all(one.left + one.width < two.left for one, two in pairwise(bars))
