"""Tell a longer name that holds a brand's word, and belongs to somebody else, from the brand's own name.

``longer_name`` finds the name that a page gives as its own; ``namesake_signal`` weighs it.  Which words others share with a brand,
and what its owner writes beside them, is data (``detector.signals.mentions.shared_words``).
"""

from detector.signals.namesake.namesake_signal import NamesakeSignal

__all__ = ["NamesakeSignal"]
