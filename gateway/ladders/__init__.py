"""Ladders of cases: the legs that tiers tell, joined; drawn as text, as SVG and as Mermaid. Asks nobody: legs are handed in."""
