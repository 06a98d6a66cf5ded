"""Discovery of candidates: the spiders' base class, triage, and the pipeline that stores what is worth a look."""
