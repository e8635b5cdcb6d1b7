"""Migration 7: a prompt's tokens may be estimated, and say so.

The column has no default: DuckDB takes `DEFAULT false` for an expression, and to add a column with one it sets an
option, which a store's locked configuration refuses.
"""

from __future__ import annotations

from textwrap import dedent

M007_PROMPT_TOKENS = dedent("""\
    ALTER TABLE candidates ADD COLUMN prompt_tokens_estimated BOOLEAN;
    UPDATE candidates SET prompt_tokens_estimated = false;
    """)
