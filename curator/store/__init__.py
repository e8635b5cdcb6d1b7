"""One DuckDB file, owned by one store process. Nothing else in the project imports duckdb."""
