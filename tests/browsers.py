"""Headless Chromium for the tests that need it: `pytestmark = IN_A_BROWSER`, and the fixture `browser`."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install it to try the pages"),
]
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
"""Nothing scrolls sideways."""
