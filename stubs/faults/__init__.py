"""The faults that a party can show on purpose, in answers and in callbacks: one catalogue for stubs, partner kit and simulation."""
