"""Registries' answers about domains and addresses (RDAP): who answers, within which rate, and the parts that answers share."""
