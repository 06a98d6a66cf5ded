"""Phrases and behaviour of pages that frighten a visitor into calling."""

from __future__ import annotations

from functools import cache

from ahocorasick_rs import BytesAhoCorasick

from detector.invisible import as_read
from detector.limits import excerpt
from detector.model import Pressure

_LISTED = """
    do not shut down | do not turn off | do not restart | don't restart | do not close | do not ignore |
    has been locked | has been blocked | is locked | is blocked | was locked | has been suspended |
    was suspended | is suspended | been compromised | virus | trojan | spyware | malware | ransomware |
    infected | call support | call now | call immediately | call us | call microsoft | call apple |
    call windows | toll free | toll-free | technical support | tech support | technician | helpline |
    support number | error code | error # | unusual activity | suspicious activity | hacked | hackers |
    security alert | security warning | firewall alert | critical alert | access denied | data is at risk |
    stolen | immediately to | unauthorized | unauthorised | refund department | identity theft |
    gesperrt | blockiert | rufen sie | anrufen | schadsoftware | infiziert | nicht herunterfahren |
    nicht ausschalten | fehlercode | sicherheitswarnung | gehackt | techniker | verdächtige aktivität |
    ungewöhnliche aktivität | gebührenfrei |
    bloqueada | bloqueado | llame | llámenos | infectado | infectada | no apague | no reinicie |
    no cierre | código de error | alerta de seguridad | soporte técnico | técnicos | actividad sospechosa |
    hackeado | en riesgo |
    bloqué | appelez | infecté | n'éteignez pas | ne pas éteindre | ne redémarrez pas | ne fermez pas |
    code d'erreur | alerte de sécurité | support technique | technicien | activité suspecte | piraté |
    logiciel malveillant | logiciel espion |
    bloccato | bloccata | chiama | chiami | infetto | non spegnere | codice errore | avviso di sicurezza |
    assistenza tecnica | não desligue | infetado | código de erro | alerta de segurança | suporte técnico |
    geblokkeerd | vergrendeld | geïnfecteerd | bel direct | foutcode | beveiligingswaarschuwing |
    ligue para | ligue agora |
    ウイルス | ウィルス | 感染 | ブロックされ | ロックされ | お電話ください | 電話してください |
    電源を切らない | シャットダウンしない | 再起動しない | エラーコード | セキュリティ警告 | 警告 |
    トロイの木馬 | スパイウェア | サポートセンター | マルウェア | ハッキング |
    वायरस | ब्लॉक | लॉक | कॉल करें | बंद न करें | त्रुटि कोड | सुरक्षा चेतावनी | चेतावनी | हैक |
    तकनीकी सहायता | हेल्पलाइन | खतरे में | संदिग्ध |
    病毒 | 已被锁定 | 已锁定 | 已被封锁 | 木马 | 请致电 | 请拨打 | 错误代码 | 安全警告 | 不要关闭 |
    技术支持 | 바이러스 | 차단되었 | 잠겼 | 전화하 | 오류 코드 | 보안 경고 | 악성코드 | 종료하지 | вирус |
    заблокирован | троян | позвоните | не выключайте | код ошибки | служба поддержки | взломан
"""
PHRASES = tuple(phrase.strip() for phrase in _LISTED.split("|"))
"""Phrases in English, German, Spanish, French; Italian, Portuguese, Dutch; Japanese; Hindi; Chinese, Korean, Russian."""
MAX_TEXT = 20_000
STRENGTHS: dict[str, tuple[tuple[int, float], ...]] = {
    "dialogs": ((1, 0.25), (3, 0.6)),
    "history": ((20, 0.4), (50, 0.8)),
    "fullscreen": ((1, 0.5),),
    "keyboard_lock": ((1, 0.9),),
    "pointer_lock": ((1, 0.4),),
    "audio": ((1, 0.35),),
    "clipboard": ((1, 0.1), (5, 0.3)),
    "popups": ((1, 0.2), (5, 0.6)),
    "prints": ((1, 0.2), (3, 0.6)),
    "notifications": ((1, 0.1),),
    "unloads": ((1, 0.1),),
    "vibrations": ((1, 0.3),),
}
"""Strength of each mark, by the count from which it applies: one dialog or sound is common, a locked keyboard is not."""


def scare_phrases(text: str) -> list[str]:
    """Find the phrases in a text, in the order of :data:`PHRASES`, without those that are part of another one found."""
    folded = as_read(excerpt(text, MAX_TEXT)).replace("’", "'")
    # a hostile text may contain lone surrogates, which UTF-8 cannot encode: they are replaced
    coded = folded.encode("utf-8", "replace")
    held = {PHRASES[place] for place, _, _ in _matcher().find_matches_as_indexes(coded, overlapping=True)}
    found = [phrase for phrase in PHRASES if phrase in held and _begins_word(phrase, folded)]
    return [phrase for phrase in found if not any(phrase != other and phrase in other for other in found)]


def pressure_strength(pressure: Pressure) -> float:
    """Rate the pressure that a page puts on its visitor: 0 (as any page) to 1 (beyond doubt); marks are combined by noisy-OR."""
    rest = 1.0
    for mark, steps in STRENGTHS.items():
        count = getattr(pressure, mark)
        rest *= 1.0 - max((strength for least, strength in steps if count >= least), default=0.0)
    return 1.0 - rest


@cache
def _matcher() -> BytesAhoCorasick:
    return BytesAhoCorasick([phrase.encode() for phrase in PHRASES])


def _begins_word(phrase: str, text: str) -> bool:
    """Tell whether a phrase is at the beginning of a word: ``virus``, not ``antivirus``; anywhere, in scripts without blanks."""
    at = text.find(phrase)
    while at >= 0:
        before = text[at - 1] if at else " "
        if not before.isalpha() or before > "\u0900":
            return True
        at = text.find(phrase, at + 1)
    return False
