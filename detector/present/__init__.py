"""A case as something to show to people: view models, defanged URLs, legible text, safe pictures."""
