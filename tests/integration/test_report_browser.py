"""The report in a real browser without a network: it runs its script, breaks no policy, fits, and prints."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contrapeso.quality import BalanceSection, evaluate, render_comparison, render_html
from tests._reports import filled

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0", "--hide-scrollbars",
)  # fmt: skip
FRAME = """<!doctype html><title>waiting</title><body style="margin:0">
<iframe id="f" src="{page}" style="width:{width}px;height:900px;border:0"></iframe>
<script>
addEventListener("load", function () {{
  var page = document.getElementById("f").contentDocument;
  page.querySelectorAll("details").forEach(function (d) {{ d.open = true; }});
  document.title = "wide " + page.documentElement.scrollWidth;
}});
</script>"""


@pytest.fixture(scope="module")
def browser():
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    missing = f"none of {', '.join(BROWSERS)} is in PATH"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"CI must test in a browser: {missing}", pytrace=False)
    pytest.skip(f"NOT TESTED IN A BROWSER: {missing}")


@pytest.fixture(scope="module")
def report():
    def draw(seed, n, shift):
        rng = np.random.default_rng(seed)
        amount = np.round(np.exp(rng.normal(5 + shift, 1, n)), 2)
        kind = rng.choice(["Aluguel", "Juros / Multa", "Tarifas bancárias", "x" * 90], n, p=[0.5, 0.1, 0.3, 0.1])
        day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
        return pd.DataFrame(
            {"valor": amount, "um_nome_de_coluna_muito_comprido_" * 3: amount * 2, "categoria": kind, "data": day}
        )

    rules = {"valor menor que mil, conforme a regra de nome muito comprido": lambda rows: rows["valor"] < 1000}
    return filled(evaluate(draw(1, 900, 0.0), draw(2, 700, 0.5), holdout=draw(3, 400, 0.0), rules=rules, depth="quick"))


@pytest.fixture(scope="module", params=["pt", "en"])
def page(request, report, tmp_path_factory):
    balance = BalanceSection("categoria", (("Juros / Multa", 9, 81, 90), ("Aluguel", 90, 0, 90)), "SMOTENC", 1)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_html(report, language=request.param, balance=balance), encoding="utf-8")
    return path


def run(browser: str, folder: Path, url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    profile = folder / f"profile-{len(list(folder.iterdir()))}"
    command = [browser, *FLAGS, f"--user-data-dir={profile}", *flags, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def console(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_the_script_runs_under_the_policy_and_the_console_stays_empty(browser, page, tmp_path):
    done = run(browser, tmp_path, page.as_uri(), "--dump-dom")
    assert console(done) == []
    form = done.stdout[done.stdout.index('id="tools"') :].partition(">")[0]
    assert "hidden" not in form  # the script has shown the tools
    assert ">4 " in done.stdout[done.stdout.index('id="count"') :].partition("</output>")[0]


def test_a_page_that_breaks_its_policy_is_seen_in_the_console(browser, page, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(page.read_text(encoding="utf-8").replace('"use strict";', '"use strict"; 1;'), encoding="utf-8")
    done = run(browser, tmp_path, broken.as_uri(), "--dump-dom")
    assert any("Content Security Policy" in line for line in console(done))


def width_of(browser: str, folder: Path, page: Path, width: int) -> int:
    """How wide the page is, everything open, in a window ``width`` wide."""
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(page=page.as_uri(), width=width), encoding="utf-8")
    done = run(browser, folder, frame.as_uri(), "--allow-file-access-from-files", "--dump-dom")
    return int(done.stdout.partition("<title>wide ")[2].partition("<")[0])


@pytest.mark.parametrize("width", [390, 820, 1200])
def test_the_page_fits_its_window_with_everything_open(browser, page, tmp_path, width):
    assert width_of(browser, tmp_path, page, width) == width


@pytest.mark.parametrize("width", [390, 1200])
def test_a_comparison_of_eight_tables_fits_its_window_and_runs_without_a_word(browser, report, tmp_path, width):
    page = tmp_path / "comparison.html"
    page.write_text(render_comparison({f"um_nome_comprido_{k}": report for k in range(8)}), encoding="utf-8")
    assert width_of(browser, tmp_path, page, width) == width
    assert console(run(browser, tmp_path, page.as_uri(), "--dump-dom")) == []


def test_a_page_that_does_not_fit_is_noticed(browser, page, tmp_path):
    wide = tmp_path / "wide.html"
    wide.write_text(page.read_text(encoding="utf-8").replace("<main>", '<main style="width:500px">'), encoding="utf-8")
    assert width_of(browser, tmp_path, wide, 390) > 390


def test_a_link_to_a_column_opens_it(browser, page, tmp_path):
    done = run(browser, tmp_path, f"{page.as_uri()}#c1", "--dump-dom")
    column = done.stdout[done.stdout.index('id="c1"') :].partition(">")[0]
    assert "open" in column


def test_the_page_draws_and_prints(browser, page, tmp_path):
    picture, paper = tmp_path / "page.png", tmp_path / "page.pdf"
    run(browser, tmp_path, page.as_uri(), f"--screenshot={picture}", "--window-size=1100,1600")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000  # a blank page of this size has about 6 KB
    run(browser, tmp_path, page.as_uri(), f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    assert paper.read_bytes().startswith(b"%PDF")
