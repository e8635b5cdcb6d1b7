"""Promises about the code itself: what loads when, and what a package may claim."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("duckdb", "pydantic", "openai", "datasets", "torch", "polars", "pyarrow", "sympy", "rich")


def test_help_loads_nothing_heavy() -> None:
    """`curator --help` answers at once: it imports none of the heavy libraries."""
    code = (
        "import sys; sys.argv = ['curator', '--help']\n"
        "from curator.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_strangers_verifiers_package_is_refused_in_plain_words(tmp_path) -> None:
    """Another project's `verifiers` never judges our candidates by accident."""
    (tmp_path / "verifiers").mkdir()
    (tmp_path / "verifiers" / "__init__.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from curator.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is not r1-curator's" in done.stderr
    assert "Traceback" not in done.stderr
