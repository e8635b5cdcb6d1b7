"""The questions behind `curator review`, one constant each."""

from __future__ import annotations

from textwrap import dedent

QUEUE = dedent("""\
    WITH reasons AS (SELECT unnest(?::VARCHAR[]) AS reason),
    nobodys AS (SELECT unnest(?::VARCHAR[]) AS reason)
    SELECT
        decisions.candidate_id, decisions.problem_id, decisions.run_id, decisions.decision, decisions.reason,
        decisions.decided_by,
        count(*) OVER () AS waiting
    FROM decisions
    JOIN (SELECT id, rowid AS place FROM candidates) AS places ON places.id = decisions.candidate_id
    WHERE decisions.decided_by <> 'review'
        AND decisions.run_id IN (SELECT unnest(?::VARCHAR[]))
        AND CASE
            WHEN (SELECT count(*) FROM reasons) > 0 THEN decisions.reason IN (SELECT reason FROM reasons)
            ELSE decisions.decision = 'undecided' AND decisions.reason NOT IN (SELECT reason FROM nobodys)
        END
    ORDER BY decisions.reason <> 'judge_disagrees', places.place
    LIMIT ?""")
"""Parameters: reasons (none: all that are undecided), reasons for which nobody is asked then, runs, how many (null:
all). Rows: what waits for a person, disputed ones first, then as stored; `waiting` counts them without the limit."""

TO_LOOK_AT = dedent("""\
    SELECT decision, reason, count(*) AS candidates
    FROM decisions
    WHERE decided_by <> 'review' AND run_id IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY decision, reason
    ORDER BY candidates DESC, reason""")
"""Parameter: runs. Rows: how many candidates came to a decision for a reason, without a person's word."""
