"""Migration 4: a run has a purpose, and what evaluations say is no training data."""

from __future__ import annotations

from textwrap import dedent

M004_PURPOSE = dedent("""\
    ALTER TABLE runs ADD COLUMN purpose VARCHAR DEFAULT 'curation';

    CREATE VIEW evaluation_runs AS
        SELECT id AS run_id FROM runs WHERE purpose = 'evaluation';

    CREATE OR REPLACE VIEW problem_stats AS
        SELECT
            decisions.problem_id,
            count(*) AS sampled,
            count(*) FILTER (decision = 'accepted') AS accepted,
            count(*) FILTER (decision = 'accepted')
                / nullif(count(*) FILTER (decision IN ('accepted', 'rejected')), 0) AS pass_rate,
            sum(candidates.completion_tokens)::BIGINT AS completion_tokens
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        ANTI JOIN evaluation_runs ON evaluation_runs.run_id = decisions.run_id
        GROUP BY decisions.problem_id;

    CREATE OR REPLACE VIEW pool AS
        SELECT
            decisions.candidate_id, decisions.problem_id, decisions.run_id, decisions.decision, decisions.reason,
            decisions.decided_by,
            candidates.finish_reason = 'stop' AND formats.candidate_id IS NULL AS complete,
            problems.domain, problems.language, problems.source, problems.prompt, problems.answer, problems.meta,
            problem_stats.sampled, problem_stats.accepted, problem_stats.pass_rate,
            candidates.model, candidates.sample_index, candidates.finish_reason, candidates.completion_tokens,
            candidates.reasoning, candidates.content, candidates.created_at, candidates.rowid AS place
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        JOIN problems ON problems.id = decisions.problem_id
        JOIN problem_stats ON problem_stats.problem_id = decisions.problem_id
        LEFT JOIN (
            SELECT candidate_id FROM latest_verdicts WHERE verifier = 'format' AND outcome = 'reject'
        ) AS formats ON formats.candidate_id = decisions.candidate_id
        ANTI JOIN evaluation_runs ON evaluation_runs.run_id = decisions.run_id;

    CREATE OR REPLACE VIEW run_stats AS
        SELECT
            runs.id AS run_id,
            runs.purpose,
            count(decisions.candidate_id) AS candidates,
            count(*) FILTER (decision = 'accepted') AS accepted,
            count(*) FILTER (decision = 'rejected') AS rejected,
            count(*) FILTER (decision = 'undecided') AS undecided,
            count(DISTINCT decisions.problem_id) AS problems,
            count(DISTINCT decisions.problem_id) FILTER (decision = 'accepted') AS solved,
            coalesce(sum(candidates.completion_tokens), 0)::BIGINT AS completion_tokens,
            1e6 * count(*) FILTER (decision = 'accepted')
                / nullif(sum(candidates.completion_tokens), 0) AS accepted_per_million_tokens,
            1e6 * count(DISTINCT decisions.problem_id) FILTER (decision = 'accepted')
                / nullif(sum(candidates.completion_tokens), 0) AS solved_per_million_tokens
        FROM runs
        LEFT JOIN decisions ON decisions.run_id = runs.id
        LEFT JOIN candidates ON candidates.id = decisions.candidate_id
        GROUP BY runs.id, runs.purpose;

    COMMENT ON VIEW evaluation_runs IS 'Runs of `curator eval`: what a student says to held-out problems.';
    COMMENT ON VIEW problem_stats IS
        'pass_rate is accepted / (accepted + rejected), evaluations left out: null while all are undecided.';
    COMMENT ON VIEW pool IS
        'What `curator curate --where` chooses from: no evaluations. complete: it ended by itself and is a trace.';
    COMMENT ON VIEW run_stats IS 'Per run: what it is for, the funnel, and the yield per million completion tokens.';
    """)
