"""Words beside digits that show a telephone number, or that they are something else."""

from __future__ import annotations

import re

CALL = re.compile(
    r"""call|dial|\bphone|telephone|\btel\b|\btel[.:]|\bmobile|\bcell\b|\bfax|toll.?free|helpline|hotline|help.?desk|whats.?app|\bsms\b
    |\bring\b|\btext\b|contact\ us|reach\ us|support|customer\ (?:care|service)
    |anruf|rufen|ruf\b|telefon|nummer|kundendienst|gebührenfrei|erreichen|kontakt
    |llam[ae]|llámenos|teléfono|telefono|\btfno|móvil|número\ (?:de|gratuito|de\ soporte)|asistencia|soporte|línea\ gratuita
    |appel|téléphon|\btél\b|\btél[.:]|numéro\ (?:vert|gratuit|de)|joindre|assistance|composez
    |chiam|numero\ verde|assistenza|ligue|telefone|\bbel\b|bellen|telefoon|zadzwoń|позвон|звон|телефон|горяч
    |電話|フリーダイヤル|番号|お問い合わせ|サポート|ご連絡|फ़ोन|फोन|कॉल|नंबर|हेल्पलाइन|संपर्क|मोबाइल
    |拨打|致电|电话|電話|热线|客服|전화|고객센터|اتصل|هاتف|arayın|telepon|hubungi|โทร""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words beside a number that is meant to be dialled, in many languages."""

OTHER = re.compile(
    r"""(?:order|invoice|case|ticket|ref(?:erence)?|tracking|track|account|acct|acc|card|serial|sku|model|part|isbn|issn|ean|upc|gtin|vat
    |tax|ein|ssn|duns|iban|bic|imei|error|event|code|license|licence|key|session|transaction|policy|claim|confirmation|booking|build
    |version|ver|id|uid|pid|hash|patent|article|reg(?:istration)?|company|charity|licen[sc]ed|zip|postcode|pin|otp|batch|lot|job|docket
    |bestell\w*|rechnung\w*|kunden|sendungs\w*|auftrags\w*|vorgangs\w*|steuer\w*|ust-?id\w*|hrb|konto|blz|artikel\w*|fehlercode
    |pedido|factura|referencia|cuenta|nif|cif|expediente|seguimiento|código|codigo
    |commande|facture|référence|compte|siret|siren|suivi|dossier|rcs
    |ordine|fattura|partita\ iva|p\.?\s?iva|注文|追跡|口座|伝票|会員|ऑर्डर|आधार|खाता)
    \s*(?:number|no|nr|num|nummer|id|code|número|numero|n[°º]|番号|\#)?\s*[.:\#№=-]*\s*[\[(\#]*\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words right before digits that are not a telephone number."""

MONEY_BEFORE = re.compile(
    r"(?:[$€£¥₹₽₩₿]|\b(?:usd|eur|gbp|aud|cad|inr|jpy|btc|rs\.?|chf|us\$|mxn|cop|clp))\s*$", re.IGNORECASE
)
MONEY_AFTER = re.compile(
    r"\s{0,2}(?:[$€£¥₹₽₩%°]|(?:usd|eur|euro|euros|dollars?|pounds|gbp|inr|jpy|pesos|円|元|btc|items?|users|views|followers|downloads"
    r"|bytes|[kmg]i?b|ms|px|km|kg|mm|cm|sec|seconds|people|customers|reviews|subscribers|million|miles|kunden|usuarios)\b)",
    re.IGNORECASE,
)
