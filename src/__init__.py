"""The repository root: makes ``src`` a regular package so that ``src.services`` imports from a checkout."""
