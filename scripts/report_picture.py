"""Draw docs/images/report.png, the top of the report of `contrapeso demo` (simulated rows only), with Chromium."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = "1100,1590"
MAX_BYTES = 200_000
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--hide-scrollbars",
)


def main() -> int:
    """Run the demo in a temporary folder and photograph its report; 1 without a browser or past the size limit."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        print(f"No browser: install one of {', '.join(BROWSERS)}.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo = [sys.executable, "-m", "contrapeso", "--lang", "en", "demo", "--folder", str(folder / "demo"), "--json"]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
        picture, page = folder / "report.png", (folder / "demo" / "report.html").as_uri()
        flags = (*FLAGS, f"--user-data-dir={folder / 'profile'}", f"--screenshot={picture}", f"--window-size={SIZE}")
        subprocess.run([browser, *flags, page], check=True, capture_output=True, timeout=120)
        size = picture.stat().st_size
        if size > MAX_BYTES:
            print(f"The picture has {size} bytes; the README's limit is {MAX_BYTES}.", file=sys.stderr)
            return 1
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, TARGET)
    print(f"{TARGET}: {size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
