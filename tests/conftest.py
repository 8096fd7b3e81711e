# SPDX-License-Identifier: BSD-3-Clause
"""Where every test has to run (CI=true), a skip is a failure that names what was missing."""

import os

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: skipped where CI=true: {report.longrepr}"
