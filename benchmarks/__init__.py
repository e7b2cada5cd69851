"""Benchmarks: ``python -m benchmarks [names]`` runs them, ``--docs`` only writes ``docs/benchmarks.md``.

A benchmark is a module here with ``run() -> Record``; see ``_record.py``. Nothing is imported
in this file, so that the worker processes that are measured start small.
"""
