"""Is this answer equal to that gold? Each module is a stage: `decide` names them in order."""
