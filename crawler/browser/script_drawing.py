"""Draw a line in each of twelve scripts in the browser, to see which of them come out as boxes for want of a font."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crawler.browser.browser_process import BrowserProcess

NO_PROXY = "http://127.0.0.1:9"
"""Nothing listens there, and nothing is asked."""
LINES = {
    "Latin": "Sign in to your account",
    "Cyrillic": "Войдите в аккаунт",
    "Greek": "Σύνδεση στον λογαριασμό",
    "Arabic": "تسجيل الدخول إلى حسابك",
    "Hebrew": "כניסה לחשבון שלך",
    "Devanagari": "अपने खाते में साइन इन करें",
    "Bengali": "আপনার অ্যাকাউন্টে সাইন ইন করুন",
    "Thai": "ลงชื่อเข้าใช้บัญชีของคุณ",
    "Chinese": "登录您的账户",
    "Japanese": "アカウントにログインする",
    "Korean": "계정에 로그인하세요",
    "emoji": "🔒💳📦🎁😀",
}
PACKAGES = ("fonts-wqy-microhei", "fonts-noto-ui-core", "fonts-noto-color-emoji")
"""Debian's packages that together draw all of these, 13 MB, and leave the fonts of Latin text as they are."""
# A letter without a font is drawn as the box that the first font has for it, and so are code points that no font has: U+0378 is
# unassigned, U+FDD0 and U+10FFFF never will be.
_DRAW = """(lines => {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.font = "40px sans-serif"; pen.textBaseline = "top";
  const drawn = text => {
    pen.clearRect(0, 0, 64, 64); pen.fillText(text, 4, 4);
    return pen.getImageData(0, 0, 64, 64).data.join();
  };
  const missing = new Set(["\\u0378", "\\ufdd0", "\\u{10ffff}", " "].map(drawn));
  return lines.map(line => {
    const letters = [...line].filter(letter => /\\p{L}|\\p{Emoji_Presentation}/u.test(letter));
    return letters.filter(letter => missing.has(drawn(letter))).length / letters.length;
  });
})"""


@dataclass(frozen=True, slots=True)
class ScriptDrawing:
    """The scripts of :data:`LINES` that the browser has fonts for, and those that come out as boxes."""

    drawn: tuple[str, ...]
    boxes: tuple[str, ...]


async def draw_scripts(process: BrowserProcess) -> ScriptDrawing:
    """Draw a line in each script, and compare every letter with the picture of a code point that no font has.

    Raises:
        DevToolsError: the browser does not draw.
    """
    tab = await process.open(proxy=NO_PROXY, bounds={"width": 800, "height": 600})
    try:
        await tab.begin()
        asked = f"{_DRAW}({json.dumps(list(LINES.values()))})"
        answer = await tab.session.send("Runtime.evaluate", {"expression": asked, "returnByValue": True})
    finally:
        await tab.close()
    shares: list[float] = answer["result"]["value"]
    found = dict(zip(LINES, shares, strict=True))
    return ScriptDrawing(
        tuple(name for name, share in found.items() if not share),
        tuple(name for name, share in found.items() if share),
    )
