"""The examples of docs/entries.md print what the page shows, and the page names every role and every code."""

import re
from pathlib import Path

from contrapeso.finance.entries import ROLES
from contrapeso.finance.entries._words import _SENTENCES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "entries.md"
NOT_WHY = _SENTENCES.keys() - set(list(_SENTENCES)[: list(_SENTENCES).index("not_a_row")])


def test_the_examples_run_and_print_what_the_page_shows(capsys) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    printed = capsys.readouterr().out
    for shown in re.findall(r"```text\n(.*?)```", text, flags=re.DOTALL):
        assert shown in printed


def test_the_page_names_every_role_and_every_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [name for name in (*ROLES, *NOT_WHY) if f"`{name}`" not in text]
    assert not missing
