"""What `verifiers.language` needs: what is no language at all, and which language the rest is."""
