"""StubMappings, Scenarios and Verification in WireMock's words: requests matched on fields or XPath, answers made from templates."""
