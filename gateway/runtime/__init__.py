"""Twisted: reactor, clock, listeners, and the life of a process. The only room that waits for real time."""
