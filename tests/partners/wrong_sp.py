"""Wrong SP servers of IsmpSpEngine, as docs/real-mistakes.md has them: each a function from a request to the answer's Body."""

from __future__ import annotations

import re

from gateway.soap.http import HttpRequest, HttpResponse

SP, RSP = "http://sp.ismp.chinatelecom.com", "http://rsp.sp.ismp.chinatelecom.com"
OPEN = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'


def _return(inner: str) -> str:
    return f'<n:orderRelationUpdateNotifyReturn xmlns:n="{SP}" xmlns:r="{RSP}">{inner}</n:orderRelationUpdateNotifyReturn>'


def always_zero(text: str) -> str:
    """Gives the number back and says 0, whatever was asked."""
    found = re.search(r"streamingNo[^>]*>([^<]*)<", text)
    return _return(f"<r:resultCode>0</r:resultCode><r:streamingNo>{found[1] if found else ''}</r:streamingNo>")


def nothing(text: str) -> str:
    """Returns null."""
    return _return("")


def text_for_number(text: str) -> str:
    """Puts the text of the result where the number belongs."""
    return _return("<r:resultCode>0</r:resultCode><r:streamingNo>order changed</r:streamingNo>")


WRONG = {each.__name__: each for each in (always_zero, nothing, text_for_number)}


class Door:
    """Serves one of them."""

    def __init__(self, name: str) -> None:
        self._say = WRONG[name]

    def check_head(self, method, path, headers) -> HttpResponse | None:
        return None

    def handle(self, request: HttpRequest) -> HttpResponse:
        body = f"{OPEN}{self._say(request.body.decode('utf-8', 'replace'))}</s:Body></s:Envelope>"
        return HttpResponse(200, "text/xml; charset=utf-8", body.encode())
