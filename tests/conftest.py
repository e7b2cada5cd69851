"""Fixtures that every room shares."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,  # a run of CI tells about the change; new examples are for people at work
)
settings.load_profile("project")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the shared real tables, which the project does not ship."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared real tables are not beside this checkout")
    return SHARED_DATA
