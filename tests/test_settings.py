"""Settings come from the environment, and a bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.settings import SettingError, Settings


def test_defaults_need_nothing() -> None:
    """With nothing set, the sample inbox is read into warehouse/."""
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.inboxes[0].name == "inbox" and settings.warehouse.name == "warehouse"


def test_environment_overrides() -> None:
    """Each variable sets its setting."""
    found = Settings.from_environment(
        {
            "COMMUNIQUE_INBOX": "/a:/b",
            "COMMUNIQUE_WAREHOUSE": "/w",
            "COMMUNIQUE_JOBS": "3",
            "COMMUNIQUE_CONFIDENCE": "0.5",
            "COMMUNIQUE_AUTOMATION": "off",
        }
    )
    assert found.inboxes == (Path("/a"), Path("/b"))
    assert (found.warehouse, found.jobs, found.automation) == (Path("/w"), 3, False)
    assert found.confidence == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMUNIQUE_JOBS", "many"),
        ("COMMUNIQUE_JOBS", "0"),
        ("COMMUNIQUE_LOCK_WAIT", "-1"),
        ("COMMUNIQUE_CONFIDENCE", "1.5"),
        ("COMMUNIQUE_CONFIDENCE", "high"),
        ("COMMUNIQUE_AUTOMATION", "maybe"),
    ],
)
def test_bad_value_is_named(name: str, value: str) -> None:
    """The error names the variable and the value."""
    with pytest.raises(SettingError, match=f"{name}='{value}'"):
        Settings.from_environment({name: value})
