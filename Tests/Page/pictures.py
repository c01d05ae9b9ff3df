"""pictures.py ADDRESS QUESTION: takes the pictures of docs/images again, from a gateway that runs."""

import sys
import time
from pathlib import Path
from urllib.parse import quote

from browser import Browser

IMAGES = Path(__file__).parents[2] / "docs/images"


def main(address, question):
    """An answer, with what looked at its first passage, and after half a minute of reports the cluster."""
    browser = Browser()
    try:
        browser.open(f"{address}#ask?q={quote(question)}&k=4&words=fuse")
        browser.wait("document.getElementById('announcement').textContent.startsWith('Answer')", "the answer", 60)
        browser.run("document.querySelector('.result details').open = true")
        browser.run("document.querySelector('.card').dispatchEvent(new PointerEvent('pointerenter'))")
        browser.picture(IMAGES / "page-ask.png")
        browser.open(f"{address}#cluster", dark=True)
        time.sleep(30)
        browser.picture(IMAGES / "page-cluster.png")
    finally:
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
