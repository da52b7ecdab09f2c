"""A report as JUnit XML, which continuous integration servers read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from cleanrooms_ml_policy import Finding, Severity
from cleanrooms_ml_policy.files import Checked

from .report import Report, shown

# Characters that XML 1.0 does not have, escaped or not.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """The report as test suites: one for each template, with a test for each finding and each clean resource."""
    root = ElementTree.Element("testsuites", name="cleanrooms-ml check")
    for one in report.checked:
        root.append(_suite(one))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(one: Checked) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_plain(shown(one.path)))
    for finding in one.findings:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_plain(finding.where or "template"),
            name=_plain(f"{finding.rule} {finding.property_path}".strip()),
        )
        _add_result(case, finding)
    with_findings = {finding.logical_id for finding in one.findings}
    for logical_id in one.resources:
        if logical_id not in with_findings:
            ElementTree.SubElement(suite, "testcase", classname=_plain(logical_id), name="limits and policy")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    return suite


def _add_result(case: ElementTree.Element, finding: Finding) -> None:
    message = _plain(finding.message)
    if finding.severity is Severity.WARNING:
        ElementTree.SubElement(case, "system-out").text = message
        return
    if finding.acknowledged is not None:
        # Not every reader shows a message in addition to the text.
        reason = _plain(f"acknowledged: {finding.acknowledged}")
        ElementTree.SubElement(case, "skipped").text = f"{reason}; {message}"
        return
    name = "error" if finding.severity is Severity.FATAL else "failure"
    ElementTree.SubElement(case, name, type=_plain(finding.rule), message=message).text = message


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
