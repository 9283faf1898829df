"""SOAP over HTTP: bytes in, status, headers and bytes out; with contract/ the only room that imports Spyne or lxml."""
