"""Picture files of strangers, as a person sees them."""
