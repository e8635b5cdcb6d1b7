"""Files of problems and traces → records; every faulty row named with its line."""
