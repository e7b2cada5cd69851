"""The report has no fault that axe finds: both languages, light and dark, everything open, and the comparison."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import axe_core_python
import pytest

from contrapeso.quality import BalanceSection, render_comparison, render_html
from tests._reports import filled, measured, privacy
from tests.integration.test_report_browser import BROWSERS, FLAGS

pytestmark = pytest.mark.slow

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """
document.querySelectorAll("details").forEach(function (d) { d.open = true; });
axe.run(document, {resultTypes: ["violations"]}).then(function (found) {
  var lines = found.violations.map(function (v) {
    return {id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(function (n) { return n.html.slice(0, 200); })};
  });
  var out = document.createElement("script");
  out.type = "application/json"; out.id = "axe";
  out.textContent = JSON.stringify({passes: found.passes.length, violations: lines}).replace(/</g, "\\\\u003c");
  document.body.appendChild(out);
});
"""


@pytest.fixture(scope="module")
def reports():
    return {"um": filled(measured(0.5)), "dois": replace(filled(measured(0.0)), privacy=privacy("attack_succeeded"))}


@pytest.fixture(scope="module")
def browser():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"NOT TESTED WITH AXE: none of {', '.join(BROWSERS)} is in PATH")
    return found


def faults(browser: str, folder: Path, html: str, *, dark: bool) -> list[dict[str, object]]:
    """What axe says of ``html``; its policy is taken out of this copy, for the checker is a script too."""
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    if dark:
        assert "@media (prefers-color-scheme: dark)" in html
        html = html.replace("@media (prefers-color-scheme: dark)", "@media all")
    page = folder / "checked.html"
    page.write_text(html.replace("</body>", f"<script>{AXE}</script><script>{RUN}</script></body>"), encoding="utf-8")
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=60000", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=180, check=True)
    _, _, rest = done.stdout.partition('<script type="application/json" id="axe">')
    said = json.loads(rest.partition("</script>")[0])
    assert said["passes"] > 15  # axe has run its rules
    return said["violations"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["pt", "en"])
def test_axe_finds_nothing_on_a_page_with_every_section(browser, reports, tmp_path, language, dark):
    balance = BalanceSection("categoria", (("Juros / Multa", 9, 81, 90), ("Aluguel", 90, 0, 90)), "SMOTENC", 1)
    html = render_html(reports["um"], language=language, balance=balance)
    assert faults(browser, tmp_path, html, dark=dark) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_a_refused_table_and_on_a_comparison(browser, reports, tmp_path, dark):
    assert faults(browser, tmp_path, render_html(reports["dois"], language="en"), dark=dark) == []
    assert faults(browser, tmp_path, render_comparison(reports), dark=dark) == []


def test_axe_finds_a_fault_where_there_is_one(browser, reports, tmp_path):
    html = render_html(reports["dois"]).replace('lang="pt-BR"', "").replace("--soft: #56616d", "--soft: #c0c4c8")
    found = {fault["id"] for fault in faults(browser, tmp_path, html, dark=False)}
    assert {"html-has-lang", "color-contrast"} <= found
