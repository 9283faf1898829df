"""The engine runs flows durably: journal, retries, waiting, recovery. It knows no Twisted, no SOAP and no SQL."""
