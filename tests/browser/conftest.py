# SPDX-License-Identifier: BSD-3-Clause
"""A headless Chromium that opens pages from disk, and what it heard while it did."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="Debian's package python3-selenium is missing")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.options import Options  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1400,1800", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]  # fmt: skip

# What the software renderer says about its own speed.
RENDERER_NOTES = ("GPU stall due to ReadPixels", "willReadFrequently", "Automatic fallback to software")


class Browser:
    """One tab. Everything that a test asks about the page goes through here."""

    def __init__(self, driver, pages):
        self.driver = driver
        self.pages = pages

    def show(self, kind, width=1280, height=1600, dark=False, reduced_motion=True):
        phone = width < 500
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone},
        )
        features = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if reduced_motion else "no-preference",
        }
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": name, "value": value} for name, value in features.items()]},
        )
        self.forget()
        self.driver.get(self.pages(kind).as_uri())
        self.wait(lambda: self.js("return document.documentElement.dataset.ready === 'true'"
                                  " || !document.getElementById('problem').hidden"))
        assert self.js("return document.getElementById('problem').textContent") == ""

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).textContent", selector)

    def wait(self, condition, seconds=120):
        return WebDriverWait(self.driver, seconds, poll_frequency=0.1).until(lambda _: condition())

    def forget(self):
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def complaints(self):
        """Errors and warnings of the console, but for what the renderer says about its speed."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
            and not any(note in entry["message"] for note in RENDERER_NOTES)
        ]

    def requests(self):
        """Addresses asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def screenshot(self, name):
        """Kept beside the build, for people to look at."""
        folder = Path(os.environ["NULLCLINE_BUILD"]) / "screenshots"
        folder.mkdir(exist_ok=True)
        self.driver.save_screenshot(str(folder / name))


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Path of the page of a kind (see make_page.cpp), in a folder with a space in its name."""
    folder = tmp_path_factory.mktemp("some pages")

    def page(kind):
        path = folder / f"{kind}.html"
        if not path.exists():
            subprocess.run([os.environ["NULLCLINE_MAKE_PAGE"], kind, str(path)], check=True)
        return path

    return page


@pytest.fixture(scope="session")
def browser(pages, tmp_path_factory):
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("Debian's packages chromium and chromium-driver are missing")
    options = Options()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(chromedriver), options=options)
    try:
        yield Browser(driver, pages)
    finally:
        driver.quit()
