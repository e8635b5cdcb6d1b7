"""The questions behind the dataset card: figures of one split, computed in the store; one trace's text is read.

Parameters are named in each docstring; `shown` is the most rows of one kind that a card lists. What is not listed is
counted: `kinds` is how many there are.
"""

from __future__ import annotations

from textwrap import dedent

SIZES = dedent("""\
    SELECT part, count(*) AS traces, count(DISTINCT problem_id) AS problems
    FROM split_rows
    WHERE split = ?
    GROUP BY GROUPING SETS ((part), ())
    ORDER BY part DESC NULLS LAST""")
"""Parameter: split. Rows: part (null over all of them), traces, problems."""

GROUPS = dedent("""\
    WITH sized AS (
        SELECT problem_id, count(*) AS own FROM split_rows WHERE split = ? GROUP BY problem_id
    ),
    described AS (
        SELECT domain, language, source, coalesce(meta ->> '$.license', meta ->> '$.licence') AS license, own
        FROM sized
        JOIN problems ON problems.id = problem_id
    ),
    grouped AS (
        SELECT
            CASE
                WHEN grouping(source) = 0 THEN 'source'
                WHEN grouping(license) = 0 THEN 'license'
                WHEN grouping(domain) = 0 THEN 'domain'
                ELSE 'language'
            END AS kind,
            coalesce(source, domain, language) AS name,
            license,
            count(*) AS problems,
            sum(own)::BIGINT AS traces
        FROM described
        GROUP BY GROUPING SETS ((source, license), (license), (domain), (language))
    )
    SELECT
        *,
        count(*) OVER (PARTITION BY kind) AS kinds,
        row_number() OVER (
            PARTITION BY kind ORDER BY name IS NULL AND license IS NULL DESC, traces DESC, name, license
        ) AS place
    FROM grouped
    QUALIFY place <= ?
    ORDER BY kind, place""")
"""Parameters: split, shown. Rows: kind, name and license (null when not recorded), problems, traces, kinds. A source
has one row per licence that its problems name in their meta. What is not recorded goes first."""

TEACHERS = dedent("""\
    WITH sampled AS (
        SELECT run_id, model, count(*) AS traces, count(DISTINCT problem_id) AS problems
        FROM split_rows
        WHERE split = ?
        GROUP BY run_id, model
    )
    SELECT sampled.*, teacher, sampling, template, count(*) OVER () AS kinds
    FROM sampled
    JOIN runs ON runs.id = run_id
    ORDER BY traces DESC, run_id, sampled.model
    LIMIT ?""")
"""Parameters: split, shown. Rows: run_id, model as its traces name it, traces, problems, teacher, sampling as JSON
(null for traces made elsewhere), template (a hash, empty for traces made elsewhere), kinds."""

DECISIONS = dedent("""\
    WITH members AS (
        SELECT candidate_id, problem_id, run_id FROM split_rows WHERE split = ?
    ),
    decided AS MATERIALIZED (
        SELECT
            decisions.run_id, decisions.problem_id, decision, reason, decided_by,
            members.candidate_id IS NOT NULL AS taken
        FROM decisions
        LEFT JOIN members USING (candidate_id)
        WHERE decisions.run_id IN (SELECT run_id FROM members)
    ),
    tallied AS (
        SELECT
            run_id,
            problem_id,
            count(*) FILTER (decision = 'accepted') AS accepted,
            count(*) FILTER (decision = 'rejected') AS rejected
        FROM decided
        WHERE problem_id IN (SELECT problem_id FROM members)
        GROUP BY ALL
    ),
    added AS (
        SELECT
            sum(accepted) AS accepted,
            sum(accepted - if(stops.reason = 'solved' AND stops.until = accepted, 1, 0)) AS telling,
            sum(rejected) AS rejected
        FROM tallied
        LEFT JOIN stops USING (run_id, problem_id)
        GROUP BY problem_id
    ),
    rated AS (
        SELECT telling::BIGINT AS accepted, if(accepted > 0 AND telling = 0, 0, rejected)::BIGINT AS rejected
        FROM added
    )
    SELECT
        decision, reason, decided_by, NULL AS accepted, NULL AS rejected,
        count(*) AS counted, count(*) FILTER (taken) AS taken
    FROM decided
    GROUP BY ALL
    UNION ALL
    SELECT NULL, NULL, NULL, accepted, rejected, count(*), NULL
    FROM rated
    GROUP BY ALL
    ORDER BY decision, counted DESC, reason, decided_by, accepted, rejected""")
"""Parameter: split. Two kinds of rows, because deciding is what takes time. With a `decision`: how many candidates of
the split's runs came to it, why, which verifier decided, and how many of them the split has taken. Without: how many
of the split's problems have that many candidates accepted and rejected in those runs, without an accepted one that
ended the sampling of its problem: it tells nothing of the pass rate, and where there is no other, nothing does."""

VERIFIERS = dedent("""\
    WITH latest AS (
        SELECT verifier, version, outcome
        FROM verdicts
        JOIN split_members USING (candidate_id)
        WHERE split = ?
        QUALIFY row_number() OVER (PARTITION BY candidate_id, verifier ORDER BY verdicts.created_at DESC, id DESC) = 1
    )
    SELECT
        verifier, version,
        count(*) FILTER (outcome = 'accept') AS accept,
        count(*) FILTER (outcome = 'reject') AS reject,
        count(*) FILTER (outcome NOT IN ('accept', 'reject')) AS cannot_tell
    FROM latest
    GROUP BY verifier, version
    ORDER BY verifier, version""")
"""Parameter: split. Rows: verifier, its version, and how many of the split's traces it says what of."""

LENGTHS = dedent("""\
    SELECT
        part, completion_tokens AS tokens, count(*) AS traces,
        count(*) FILTER (candidates.tokens_estimated) AS estimated
    FROM split_members
    JOIN candidates ON candidates.id = candidate_id
    WHERE split = ?
    GROUP BY part, completion_tokens
    ORDER BY part DESC, tokens""")
"""Parameter: split. Rows: part, tokens of a completion (null when not recorded), traces of that length, and how many
of these lengths were estimated. As many rows as there are lengths, not traces."""

DROPS = dedent("""\
    SELECT
        reason,
        CASE reason WHEN 'contaminated' THEN regexp_replace(match, '#[0-9]+$', '') END AS benchmark,
        count(DISTINCT problem_id) AS problems
    FROM split_drops
    WHERE split = ?
    GROUP BY ALL
    ORDER BY ALL""")
"""Parameter: split. Rows: reason, the benchmark as it was named (null for duplicates), problems."""

EXAMPLE = dedent("""\
    WITH first AS (
        SELECT candidates.rowid AS place
        FROM split_members
        JOIN candidates ON candidates.id = candidate_id
        JOIN decisions USING (candidate_id)
        WHERE split = ?
        ORDER BY decision, part DESC, place
        LIMIT 1
    )
    SELECT candidates.id, candidates.reasoning, candidates.content, problems.prompt
    FROM candidates
    JOIN problems ON problems.id = problem_id
    WHERE candidates.rowid = (SELECT place FROM first)""")
"""Parameter: split. At most one row: the split's first trace, an accepted one of the train part if there is one."""
