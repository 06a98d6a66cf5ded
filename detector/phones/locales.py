"""Choose the countries whose ways of writing numbers are tried on a page, the likeliest first."""

from __future__ import annotations

from urllib.parse import urlsplit


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = ("US", "AU", "CA", "DE", "ES", "GB", "IN")
"""Countries in which tech-support scams have most of their victims, and India."""
OF_LANGUAGE: dict[str, tuple[str, ...]] = {
    "en": ("US", "GB", "AU", "CA", "IN", "IE", "NZ", "ZA"),
    "de": ("DE", "AT", "CH"),
    "es": ("ES", "MX", "CO", "AR", "CL", "PE"),
    "fr": ("FR", "BE", "CH"),
    "it": ("IT", "CH"),
    "pt": ("BR", "PT"),
    "ja": ("JP",),
    "hi": ("IN",),
    "nl": ("NL", "BE"),
    "pl": ("PL",),
    "ru": ("RU",),
    "tr": ("TR",),
    "ko": ("KR",),
    "zh": ("CN", "TW", "HK"),
    "sv": ("SE",),
    "da": ("DK",),
    "nb": ("NO",),
    "no": ("NO",),
    "fi": ("FI",),
    "cs": ("CZ",),
    "id": ("ID",),
    "ms": ("MY",),
    "th": ("TH",),
    "vi": ("VN",),
    "ar": ("SA", "AE", "EG"),
}
OF_DOMAIN = {
    "uk": "GB",
    **{code: code.upper() for code in _words("de au ca es in fr jp it at ch nl be br mx pl ie nz za se pt tr")},
}


def own_regions(language: str, url: str) -> tuple[str, ...]:
    """Guess regions from the page's language tag (``en-GB``, ``de``) and the country ending of its domain."""
    tag = language.replace("_", "-").split("-")
    named = tuple(part.upper() for part in tag[1:] if len(part) == 2 and part.isalpha())
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    country = OF_DOMAIN.get(host.rpartition(".")[2])
    domain = (country,) if country else ()
    return tuple(dict.fromkeys((*named, *domain, *OF_LANGUAGE.get(tag[0].lower(), ()))))


def script_regions(text: str) -> tuple[str, ...]:
    """Guess regions from the script of the text, where the page does not give its language."""
    if any("\u3040" <= character <= "\u30ff" for character in text):
        return OF_LANGUAGE["ja"]
    if any("\u0900" <= character <= "\u097f" for character in text):
        return OF_LANGUAGE["hi"]
    words = set(text.casefold().split())
    for language, common in _COMMON_WORDS.items():
        if len(words & common) >= 2:
            return OF_LANGUAGE[language]
    return ()


_COMMON_WORDS = {
    "de": _words("der die das und ist nicht sie ihr ihre bitte für von zu den mit wurde auf uns unter"),
    "es": _words("el los las que es su para por con está llame ha sido del una al número teléfono"),
    "fr": _words("le les des est vous votre pour avec sur une au du été nous appelez numéro"),
    "it": _words("il gli che di è suo per con una stato al chiami della numero"),
}
