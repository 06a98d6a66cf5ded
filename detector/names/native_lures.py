"""Lure words in the alphabets of their languages, for brands whose names and domains are written so."""

from __future__ import annotations

import unicodedata

NATIVE_WORDS = {
    "ru": "вход войти кабинет личныйкабинет аккаунт поддержка безопасность подтверждение проверка оплата счет доставка возврат "
    "помощь пароль карта бонус подарок приз онлайн официальный",
    "uk": "вхід увійти кабінет підтримка безпека підтвердження перевірка оплата рахунок доставка повернення допомога пароль картка",
    "bg": "вход профил поддръжка сигурност потвърждение плащане сметка доставка помощ парола награда",
    "sr": "пријава налог подршка безбедност потврда плаћање рачун достава помоћ лозинка",
    "el": "σύνδεση συνδεση είσοδος εισοδος λογαριασμός λογαριασμος υποστήριξη ασφάλεια ασφαλεια επιβεβαίωση πληρωμή πληρωμη "
    "παράδοση βοήθεια κωδικός",
    "ar": "دخول الدخول تسجيل تسجيلالدخول حساب حسابي دعم الدعم أمان تأكيد تحقق دفع فاتورة توصيل مساعدة محفظة جائزة",
    "fa": "ورود حساب پشتیبانی امنیت تایید پرداخت فاکتور تحویل کمک رمز جایزه",
    "he": "כניסה התחברות חשבון תמיכה אבטחה אימות תשלום חשבונית משלוח עזרה סיסמה",
    "hi": "लॉगिन प्रवेश खाता सहायता सुरक्षा सत्यापन भुगतान बिल डिलीवरी मदद इनाम",
    "bn": "লগইন প্রবেশ অ্যাকাউন্ট সহায়তা নিরাপত্তা যাচাই পেমেন্ট বিল ডেলিভারি",
    "ta": "உள்நுழைவு கணக்கு உதவி பாதுகாப்பு சரிபார்ப்பு கட்டணம்",
    "th": "เข้าสู่ระบบ ลงชื่อเข้าใช้ บัญชี ช่วยเหลือ ความปลอดภัย ยืนยัน ชำระเงิน จัดส่ง รหัสผ่าน",
    "ja": "ログイン サインイン アカウント サポート セキュリティ 確認 認証 本人確認 支払い お支払い 請求 配送 会員 再配達",
    "zh": "登录 登入 登錄 账户 帐户 帳戶 客服 安全 验证 驗證 支付 付款 账单 快递 会员 中心 官方",
    "ko": "로그인 계정 고객센터 보안 인증 확인 결제 청구 배송 회원 지원",
    "ka": "შესვლა ანგარიში მხარდაჭერა უსაფრთხოება დადასტურება გადახდა დახმარება",
    "hy": "մուտք հաշիվ աջակցություն անվտանգություն հաստատում վճարում օգնություն",
}
"""Words by language, the most dangerous first, as labels hold them: lower case, without blanks."""
NATIVE_LURES = frozenset(
    word for words in NATIVE_WORDS.values() for word in unicodedata.normalize("NFC", words).split()
)

_LANGUAGES = {
    "CYRILLIC": ("ru", "uk", "bg", "sr"), "GREEK": ("el",), "ARABIC": ("ar", "fa"), "HEBREW": ("he",), "DEVANAGARI": ("hi",),
    "BENGALI": ("bn",), "TAMIL": ("ta",), "THAI": ("th",), "HIRAGANA": ("ja",), "KATAKANA": ("ja",), "CJK": ("zh", "ja"),
    "HANGUL": ("ko",), "GEORGIAN": ("ka",), "ARMENIAN": ("hy",),
}  # fmt: skip
_OF_ENDING = {
    "рф": "ru",
    "укр": "uk",
    "бг": "bg",
    "срб": "sr",
    "ایران": "fa",
    "jp": "ja",
    "ua": "uk",
    "bg": "bg",
    "rs": "sr",
}
_ENDINGS = {
    "CYRILLIC": ("рф", "онлайн", "сайт", "рус", "москва", "орг", "ком", "укр"),
    "GREEK": ("ελ",),
    "ARABIC": ("شبكة", "موقع", "بازار"),
    "HEBREW": ("קום",),
    "DEVANAGARI": ("कॉम", "भारत"),
    "BENGALI": ("বাংলা", "ভারত"),
    "TAMIL": ("இந்தியா",),
    "THAI": ("คอม", "ไทย"),
    "HIRAGANA": ("みんな", "コム"),
    "KATAKANA": ("コム", "みんな"),
    "CJK": ("公司", "网络", "在线", "中国", "网址"),
    "HANGUL": ("닷컴", "닷넷", "한국"),
    "GEORGIAN": ("გე",),
    "ARMENIAN": ("հայ",),
}
"""Endings in the alphabets of the labels below them, by the first word of the letters' names in Unicode."""


def alphabet_of(label: str) -> str:
    """Return the alphabet of the first letter of ``label`` that is not Latin, by the first word of its name; empty without one."""
    for char in label:
        script = unicodedata.name(char, "").split(" ")[0]
        if char.isalpha() and script in _LANGUAGES:
            return script
    return ""


def native_endings(label: str) -> tuple[str, ...]:
    """Return endings in the label's alphabet, in Unicode; none for a Latin label."""
    return _ENDINGS.get(alphabet_of(label), ())


def native_words(label: str, suffix: str) -> tuple[str, ...]:
    """Return the lure words of the languages that are written in the label's alphabet; the language of ``suffix`` first."""
    languages = sorted(_LANGUAGES.get(alphabet_of(label), ()), key=lambda each: each != _OF_ENDING.get(suffix))
    words = (unicodedata.normalize("NFC", NATIVE_WORDS[language]).split() for language in languages)
    return tuple(dict.fromkeys(word for spoken in words for word in spoken))
