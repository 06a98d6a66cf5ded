"""Words that stand beside a brand's name in names that imitate it; lower case, ASCII.

Collected by reading combosquatting names in public phishing feeds; the term is from Kintis et al., "Hiding in Plain Sight: A
Longitudinal Study of Combosquatting Abuse", CCS 2017.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from detector.names.native_lures import NATIVE_LURES


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMBOSQUAT_WORDS = (
    "login", "support", "secure", "verify", "account", "security", "signin", "update", "help", "service", "billing", "wallet",
    "recovery", "customer", "id", "online", "pay", "payment", "confirm", "auth", "alert", "refund", "center", "unlock", "app",
    "mail", "team", "access", "careers", "reward", "gift", "track", "delivery", "official", "helpdesk",
)  # fmt: skip
"""Words that brands' names are combined with, the most dangerous first."""

LOCAL_WORDS = {
    "de": (
        "anmelden",
        "konto",
        "sicherheit",
        "kundenservice",
        "verifizierung",
        "rechnung",
        "zahlung",
        "paket",
        "gewinn",
    ),
    "fr": (
        "connexion",
        "compte",
        "securite",
        "client",
        "verification",
        "facture",
        "paiement",
        "colis",
        "remboursement",
    ),
    "es": ("acceso", "cuenta", "seguridad", "cliente", "verificar", "factura", "pago", "envio", "reembolso"),
    "it": ("accesso", "conto", "sicurezza", "cliente", "verifica", "fattura", "pagamento", "spedizione", "rimborso"),
    "pt": ("entrar", "conta", "seguranca", "cliente", "verificar", "fatura", "pagamento", "entrega", "reembolso"),
    "nl": ("inloggen", "rekening", "beveiliging", "klantenservice", "verificatie", "factuur", "betaling", "pakket"),
    "pl": ("logowanie", "konto", "bezpieczenstwo", "klient", "weryfikacja", "faktura", "platnosc", "paczka"),
    "tr": ("giris", "hesap", "guvenlik", "musteri", "dogrulama", "fatura", "odeme", "kargo"),
    "ja": ("ninsho", "kaiin", "anzen", "kakunin", "seikyu", "shiharai", "haiso"),
    "id": ("masuk", "akun", "keamanan", "layanan", "verifikasi", "tagihan", "pembayaran", "hadiah"),
    "vi": ("dangnhap", "taikhoan", "baomat", "hotro", "xacminh", "hoadon", "thanhtoan", "quatang"),
}
"""Such words by language of the customers, without accents, as host names are written; the most dangerous first."""

_LANGUAGE_OF_ENDING = {
    "de": "de", "at": "de", "ch": "de", "fr": "fr", "es": "es", "mx": "es", "ar": "es", "cl": "es", "co": "es", "pe": "es",
    "it": "it", "pt": "pt", "br": "pt", "nl": "nl", "be": "nl", "pl": "pl", "tr": "tr", "jp": "ja", "id": "id", "vn": "vi",
}  # fmt: skip


def languages_of(domains: Iterable[str]) -> tuple[str, ...]:
    """Guess a brand's languages from the country endings of its domains, in their order; keys of :data:`LOCAL_WORDS`."""
    endings = (domain.rpartition(".")[2] for domain in domains)
    return tuple(dict.fromkeys(_LANGUAGE_OF_ENDING[ending] for ending in endings if ending in _LANGUAGE_OF_ENDING))


LURES = (
    _words(
        """login logins logon logins signin signon signup verify verified verifi verification verificar verifizieren verif
    validate validation secure secured secures securise security securite seguridad seguro sicher sicherheit safe
    safety support supports supporto soporte account accounts acct accnt konto cuenta compte conta update updates
    updated updating actualizar aktualisieren upgrade billing bill bills invoice invoices facture rechnung wallet
    wallets recovery recover recuperar reset restore unlock unlocked unblock unlocking confirm confirmation
    confirmed confirmar bestatigen service services servicio serviceclient servicedesk help helpdesk helpline
    hotline center centre customer customers customercare client clients cliente clientes kunde kunden kundenservice
    care auth authenticate authentication authorize authorise sso otp token password passwort passcode pin pay pays
    payment payments paiement pago pagos zahlung refund refunds rimborso remboursement claim claims bonus gift gifts
    giftcard giftcards reward rewards prize promo promotion win winner airdrop alert alerts alerte notice notify
    notification notifications warning suspend suspended suspension locked lock limited limitation restricted
    restriction expired expire access acces accesso acceso accessing session sessions identity identification
    ebanking netbanking onlinebanking internetbanking banking card cards carte tarjeta credit debit transfer
    transaction transactions order orders pedido bestellung parcel package packages tracking track tracker delivery
    deliver livraison colis paket envio shipment shipping redelivery reschedule customs fee fees mailbox webmail
    inbox portal portail kyc mfa 2fa activate activation active reactivate member members membership subscription
    subscribe renew renewal cancel cancelled purchase connexion anmelden anmeldung acceder entrar ingresar iniciar
    resolution dispute resolve problem issue issues fraud protect protection protected safeguard verifyaccount
    myaccount userid loginid fix repair techsupport technical callcenter tollfree free earn swap stake staking
    validar reactivar restablecer desbloquear localizar
    connect bridge mint dapp import migrate migration sync synchronize secureserver logincenter"""
        + " ".join(" ".join(words) for words in LOCAL_WORDS.values()),  # nosec B608  # words, not SQL
    )
    | NATIVE_LURES
)
"""Words that ask for something or frighten: a brand's name beside one of them is a combosquat."""

FILLERS = _words(
    """com net org info biz www web ww m app apps mobile online site website store shop shops official the my your our mein
    mon team group global international intl world worldwide usa us uk eu de fr it es jp cn br ca au nl be at ch pl
    in asia japan germany france canada india america europe id ids co inc ltd llc corp company user users page
    pages home homepage start index main go get to new now today news server ssl https http html php cgi cloud host
    hosting mail email e http portal desk link links click here pro plus premium vip best top free 24 365 247 hr h24
    ja en s jpn gb kr tw hk sg with for bank business personal office admin dashboard desktop browser extension
    download downloads form forms docs doc file files share shared drive sharepoint voice view viewer center data
    api cdn static img assets backup"""
)
"""Words without a meaning of their own here: they explain the letters around a brand's name."""

EVERYDAY = _words(
    """alexa aol apple ask at bank banking bestbuy bing blockchain bolt boost booking boots brave cash cashapp chase chime
    chrome cisco coin coins cricket crypto curve dave delta defender direct discover drive echo edge ethereum
    express exodus fire gap gemini ghost globe gov grab hbo hinge indeed irs king ledger lime line link live maker
    maps match max medium meet messages messenger meta metro mint music next news orange origin outlook office
    paramount phantom photos play post postal poste prime proton riot royal sage scribd shell signal sky slack sprint
    square stack steam store stripe subito swift target tax taxes teams three trust uber unity virgin visa wallet whole
    windows wise wix word zoom"""
)
"""Names that are also common words, or parts of ordinary names: alone they prove nothing."""

ORDINARY = _words(
    """applied finance financed finder tender render cinder hinder telegraf photon nonton klara esports horizon revolt discard
    stride strive bonanza twister goggle goggles adore nation notion mastercase capitals chased targeted barclay pacman pascal
    papal payday airbag amazed amazing snapshot interest pinterests mercado mercury ebony ember zoomed skyped stream streams
    steams bleacher applet apples staples maples norton boston morton carson lloyd floyd revel ledgers kroger visual visit
    paypay citicbank visma coscoshipping amazone fortnine"""
)
"""Ordinary words and names that are one typing error away from a brand's."""

RESERVED_ENDINGS = frozenset(("edu", "gob", "gouv", "gov", "govt"))
"""Labels of endings that registries sell to governments and schools only: a name there is a place's or an office's own."""

RISKY_ENDINGS = _words(
    """top xyz icu cyou buzz shop online site live click link club cfd sbs rest bond quest monster hair beauty makeup skin
    mom lol fit gq tk ml cf ga pw ws cc su zip mov work world support help center services email cam bar best fun
    space store tech website press host uno vip win bid loan men date review stream download racing party trade
    science kim country gdn ru cn info asia tokyo business ltd casa ovh life""",
)
"""Endings that abuse prefers: over-represented in abuse lists (Spamhaus and Interisle reports, 2019-2024)."""


def is_everyday(word: str) -> bool:
    """Tell whether a name is too common to prove anything alone."""
    return word in EVERYDAY or word in LURES or word in FILLERS


@lru_cache(maxsize=20_000)
def lures_of(label: str) -> frozenset[str]:
    """Find the lure words in a label, of whose parts (between hyphens) known words cover every letter."""
    found: set[str] = set()
    for part in label.split("-"):
        covered = lures_covering(part)
        if covered is not None:
            found |= covered
    return frozenset(found)


def without_known_words(text: str) -> str:
    """Cut off the longest lure or filler at the beginning of ``text``, and then the longest at its end."""
    for length in range(min(len(text), _LONGEST), 1, -1):
        if text[:length] in _KNOWN_WORDS:
            text = text[length:]
            break
    for length in range(min(len(text), _LONGEST), 1, -1):
        if text[-length:] in _KNOWN_WORDS:
            return text[:-length]
    return text


def lures_covering(text: str) -> frozenset[str] | None:
    """Find the lures among known words that cover ``text`` without a gap; None where known words and digits do not cover it."""
    if not text or text.isdigit():
        return frozenset()
    if text in LURES:
        return frozenset((text,))
    if text in FILLERS:
        return frozenset()
    return _covering(text)


_KNOWN_WORDS = {word: word in LURES for word in LURES | FILLERS if len(word) > 1}
_LONGEST = max(map(len, _KNOWN_WORDS))
_HEADS = frozenset(word[:3] for word in _KNOWN_WORDS)
_TAILS = frozenset(word[-3:] for word in _KNOWN_WORDS)


def lure_prefix_ends(text: str) -> list[int]:
    """Ends, ascending, of the prefixes of ``text`` that known words and digits cover, a lure among them."""
    if not (text[:3] in _HEADS or text[:2] in _HEADS or text[:1].isdigit()):
        return []
    reached = {0: False}
    for start in range(len(text)):
        lured = reached.get(start)
        if lured is None:
            if start > max(reached):
                break
            continue
        for end in range(start + 1, min(len(text), start + _LONGEST) + 1):
            word = text[start:end]
            kind = _KNOWN_WORDS.get(word)
            if kind is not None or word.isdigit():
                reached[end] = reached.get(end, False) or lured or bool(kind)
    return sorted(end for end, lured in reached.items() if lured)


def lure_suffix_starts(text: str) -> list[int]:
    """Starts, descending, of the suffixes of ``text`` that known words and digits cover, a lure among them."""
    if not (text[-3:] in _TAILS or text[-2:] in _TAILS or text[-1:].isdigit()):
        return []
    reached = {len(text): False}
    for end in range(len(text), 0, -1):
        lured = reached.get(end)
        if lured is None:
            if end < min(reached):
                break
            continue
        for start in range(end - 1, max(0, end - _LONGEST) - 1, -1):
            word = text[start:end]
            kind = _KNOWN_WORDS.get(word)
            if kind is not None or word.isdigit():
                reached[start] = reached.get(start, False) or lured or bool(kind)
    return sorted((start for start, lured in reached.items() if lured), reverse=True)


@lru_cache(maxsize=50_000)
def _covering(text: str) -> frozenset[str] | None:
    reached: dict[int, frozenset[str]] = {0: frozenset()}
    for start in range(len(text)):
        so_far = reached.get(start)
        if so_far is None:
            continue
        for end in range(start + 1, min(len(text), start + 16) + 1):
            word = text[start:end]
            if word in LURES:
                gain = so_far | {word}
            elif word.isdigit() or (word in FILLERS and len(word) > 1):
                gain = so_far
            else:
                continue
            if end not in reached or len(gain) > len(reached[end]):
                reached[end] = gain
    return reached.get(len(text))
