"""What `verifiers.code` needs: tests, programs, and the sandbox that keeps the two apart."""
