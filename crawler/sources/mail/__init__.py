"""Mail that customers forward: what they got, taken apart without trusting any of it."""
