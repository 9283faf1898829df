"""SOAP over HTTP: bytes in, status, headers and bytes out; with contract/ the only room that imports Spyne or lxml."""

# Before any module of the room: sorted imports would put Spyne first, and on Python 3.12 it does not load alone.
import gateway.soap.compat  # noqa: F401
