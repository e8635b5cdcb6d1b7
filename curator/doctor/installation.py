"""Python, this package, and the packages that it and its extras need; nothing is imported to find out."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import NamedTuple

from curator.doctor.finding import Finding, Status

DISTRIBUTION = "r1-curator"
_ELSEWHERE = frozenset({"dev", "vllm"})
"""Extras that only developers need, or that belong into an environment of their own."""
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*])?\s*(?:==(?P<pin>[\w.]+))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")


class _Package(NamedTuple):
    name: str
    pin: str | None
    installed: str | None

    @property
    def fault(self) -> str:
        if self.installed is None:
            return f"{self.name} is missing"
        if self.pin and self.installed.partition("+")[0] != self.pin:
            return f"{self.name} {self.installed} is installed, {self.pin} is needed"
        return ""


def installation() -> Iterator[Finding]:
    """Look at Python, at what is needed and at the extras; only what is needed can fail."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(Status.OK, "python", f"{python}, {DISTRIBUTION} {metadata.version(DISTRIBUTION)} in {sys.prefix}")
    packages = _packages()
    needed = packages.pop("", [])
    missing = any(package.installed is None for package in needed)
    yield _finding("packages", needed, Status.FAIL if missing else Status.WARN, DISTRIBUTION)
    for extra in sorted(packages.keys() - _ELSEWHERE):
        yield _finding(f"extra {extra}", packages[extra], Status.INFO, f"{DISTRIBUTION}[{extra}]")


def _finding(subject: str, packages: list[_Package], otherwise: Status, requirement: str) -> Finding:
    faults = ", ".join(package.fault for package in packages if package.fault)
    if faults:
        return Finding(otherwise, subject, faults, f"install: pip install '{requirement}'")
    return Finding(Status.OK, subject, ", ".join(f"{package.name} {package.installed}" for package in packages))


def _packages() -> dict[str, list[_Package]]:
    """Group what the package asks for by extra; the empty name is what it always needs."""
    groups: dict[str, list[_Package]] = {}
    for text in metadata.requires(DISTRIBUTION) or []:
        requirement, extra = _REQUIREMENT.match(text), _EXTRA.search(text)
        if requirement is not None:
            name, pin = requirement["name"], requirement["pin"]
            groups.setdefault(extra[1] if extra else "", []).append(_Package(name, pin, _version(name)))
    return groups


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
