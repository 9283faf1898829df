"""What a run is told as: a page for people, JUnit XML for build servers, JSON for programs."""
