"""Discovery of candidates: the base class of spiders, triage, and the pipeline that stores what is worth a capture."""
