"""Writes glue.h for client.cpp: JSON to and from the classes that wsdl2h made, and a call of each operation by its name.

Reads the header that wsdl2h wrote, in which each class has one member a line, and the proxies that soapcpp2 wrote.

    python glue.py DIRECTORY
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_CLASS = re.compile(r"^class (\w+)\n\{ public:\n(.*?)^\};", re.S | re.M)
_MEMBER = re.compile(r"^ {4}[\w:<>*& ]+?\s+(\w+)\s+(?:\d|;)", re.M)
_ENUM = re.compile(r"^enum (\w+)\n\{\n", re.M)
_CALL = re.compile(r"virtual int (\w+)\((\w+) \*\w+, (\w+) &\w+\)")


def lines(directory: Path) -> Iterator[str]:
    header = (directory / "all.h").read_text(encoding="utf-8")
    for name in _ENUM.findall(header):
        yield f"inline void read(struct soap* s, {name}& e, const char* t) {{ if (soap_s2{name}(s, t, &e)) throw Refused(t); }}"
        yield f"inline std::string text(struct soap* s, {name} e) {{ return soap_{name}2s(s, e); }}"
    for name, body in _CLASS.findall(header):
        fields = [field for field in _MEMBER.findall(body) if field != "soap"]
        visits = " ".join(f'v("{field}", o.{field});' for field in fields)
        yield f"template<class V> void members(V& v, {name}& o) {{ {visits} }}"
    yield "inline int dispatch(Call& c) {"
    for path in sorted(directory.glob("soap*Proxy.h")):
        proxy = path.stem.removeprefix("soap")
        contract, version = re.fullmatch(r"(\w+)Soap1([12])Proxy", proxy).groups()
        for operation, request, response in _CALL.findall(path.read_text(encoding="utf-8")):
            wanted = f'c.is("{contract.lower()}", "1.{version}", "{operation}")'
            yield f"  if ({wanted}) return c.call<{proxy}, {request}, {response}>(&{proxy}::{operation});"
    yield "  throw std::runtime_error(\"no such operation\");"
    yield "}"


if __name__ == "__main__":
    where = Path(sys.argv[1])
    (where / "glue.h").write_text("\n".join(lines(where)) + "\n", encoding="utf-8")
    (where / "proxies.h").write_text("".join(f'#include "{path.name}"\n' for path in sorted(where.glob("soap*Proxy.h"))), encoding="utf-8")
