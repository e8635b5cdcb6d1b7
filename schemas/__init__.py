"""What is written down: records, the trace grammar, identities. Imports only the standard library and pydantic."""
