"""SoapUI projects in and out, without Java: read, run, and written from our own contracts."""
