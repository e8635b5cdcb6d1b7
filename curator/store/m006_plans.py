"""Migration 6: how many candidates were wanted, why problems were stopped, and pass rates that know it."""

from __future__ import annotations

from textwrap import dedent

M006_PLANS = dedent("""\
    CREATE TABLE sampling_plans (
        run_id VARCHAR NOT NULL,
        max_n BIGINT NOT NULL,
        until BIGINT,
        give_up_below DOUBLE NOT NULL,
        enough_above DOUBLE NOT NULL,
        budget_tokens BIGINT,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE stops (
        run_id VARCHAR NOT NULL,
        problem_id VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        until BIGINT,
        created_at TIMESTAMP NOT NULL
    );

    CREATE OR REPLACE VIEW problem_stats AS
        WITH counted AS (
            SELECT
                decisions.run_id,
                decisions.problem_id,
                count(*) AS sampled,
                count(*) FILTER (decision = 'accepted') AS accepted,
                count(*) FILTER (decision IN ('accepted', 'rejected')) AS decided,
                sum(candidates.completion_tokens) AS completion_tokens
            FROM decisions
            JOIN candidates ON candidates.id = decisions.candidate_id
            ANTI JOIN evaluation_runs ON evaluation_runs.run_id = decisions.run_id
            GROUP BY decisions.run_id, decisions.problem_id
        ),
        stopped AS (
            SELECT counted.*, coalesce(stops.reason = 'solved' AND stops.until = accepted, false)::BIGINT AS last_one
            FROM counted
            LEFT JOIN stops ON stops.run_id = counted.run_id AND stops.problem_id = counted.problem_id
        )
        SELECT
            problem_id,
            sum(sampled)::BIGINT AS sampled,
            sum(accepted)::BIGINT AS accepted,
            sum(accepted - last_one) / nullif(sum(decided - last_one), 0) AS pass_rate,
            sum(completion_tokens)::BIGINT AS completion_tokens
        FROM stopped
        GROUP BY problem_id;

    COMMENT ON TABLE sampling_plans IS
        'Append-only: what each command wanted of a run; the newest holds. until is null for a fixed number, max_n.';
    COMMENT ON TABLE stops IS 'Why a run asks no more about a problem. No row: it was sampled a fixed number of times.';
    COMMENT ON VIEW problem_stats IS
        'pass_rate is accepted / (accepted + rejected), evaluations left out. Where sampling stopped at an accepted
        candidate, that one says nothing and is left out: (k - 1) / (m - 1) with --until k. Null while nothing tells.';
    """)
