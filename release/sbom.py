"""Lists what is shipped: `make sbom` writes dist/vsop-gateway-VERSION.cdx.json, CycloneDX 1.6.

Versions and hashes are those of requirements.lock, by which everything was installed; licences are what each distribution says of
itself. The same lock gives the same file: it bears no time and no serial number.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from install import EXTRAS
from locked import OURS, ROOT, BuildFailed, shipped
from packaging.utils import canonicalize_name


def hashes() -> dict[str, list[str]]:
    """Read the SHA-256 sums of each distribution's files from the lock, by canonical name."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        head = re.match(r"([A-Za-z0-9._-]+)==", line)
        name = canonicalize_name(head[1]) if head else name
        found.setdefault(name, []).extend(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    return found


def component(about: Distribution, sums: list[str], scope: str) -> dict[str, object]:
    """Describe one distribution. Every file of a version that may be installed is a reference with its sum."""
    name = canonicalize_name(about.metadata["Name"])
    purl = f"pkg:pypi/{name}@{about.version}"
    files = [{"type": "distribution", "url": purl, "hashes": [{"alg": "SHA-256", "content": each}]} for each in sums]
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": about.version, "scope": scope, "purl": purl,
        "licenses": licences(about), "externalReferences": files,
    }  # fmt: skip


def licences(about: Distribution) -> list[dict[str, object]]:
    """Give the SPDX expression, or the name that the distribution has for its licence."""
    said = about.metadata.get("License-Expression")
    if said:
        return [{"expression": said}]
    classes = [c.rpartition(" :: ")[2] for c in about.metadata.get_all("Classifier") or [] if c.startswith("License :: ")]
    short = (about.metadata.get("License") or "").splitlines()[:1]
    return [{"license": {"name": name}} for name in (classes or short)]


def bom() -> dict[str, object]:
    """Give the whole list; raises BuildFailed where .venv is not what the lock says."""
    sums = hashes()
    always = {each.metadata["Name"] for each in shipped()}
    ours = distribution(OURS)
    parts = [
        component(each, sums[canonicalize_name(each.metadata["Name"])], "required" if each.metadata["Name"] in always else "optional")
        for each in shipped(*EXTRAS)
    ]
    root = f"pkg:pypi/{OURS}@{ours.version}"
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": root, "name": OURS, "version": ours.version, "purl": root}},
        "components": sorted(parts, key=lambda part: str(part["name"])),
        "dependencies": [{"ref": root, "dependsOn": sorted(str(part["bom-ref"]) for part in parts)}],
    }  # fmt: skip


def write() -> Path:
    """Write the file and give its path."""
    made = bom()
    path = ROOT / "dist" / f"{OURS}-{distribution(OURS).version}.cdx.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{write().relative_to(ROOT)}\n")
    except BuildFailed as failed:
        sys.exit(str(failed))
