"""The hash chains: manifests of evidence, handovers, and the journal of what people and the program did."""
