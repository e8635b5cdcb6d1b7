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


def test_the_store_spares_what_it_does_not_need() -> None:
    """Neither what writes records nor what asks DuckDB imports pandas, though it is installed; others may still."""
    code = (
        "import sys; from datetime import datetime; from curator.store.tables import to_tables\n"
        "from schemas.candidate import Run\n"
        "to_tables([Run('r', 'openai', 'm', None, 't', datetime.now())]); told = ['pandas' in sys.modules]\n"
        "import pandas; told.append('pandas' in sys.modules)\n"
        "for name in [name for name in sys.modules if name.startswith('pandas')]: del sys.modules[name]\n"
        "from curator.store.spared import spare; spare('pandas')\n"
        "import duckdb; duckdb.execute('SELECT ?', [1]).fetchall()\n"
        "print(*told, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True False\n"
