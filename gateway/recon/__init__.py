"""Reconciliation (对账): compares what VSOP holds with what another system holds, and plans how they come to hold the same.

Pure: it is given rows and gives rows. Knows no store, no wire, no file system, no clock.
"""
