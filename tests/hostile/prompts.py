"""Pages that ask and block without end: dialogs, permissions, full screen, sound."""

from __future__ import annotations

import asyncio

from tests.hostile.kind import SEEN, Kind, html, script


async def _radio(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n")
    while True:
        writer.write(b"\xff\xfb\x90\x00" + bytes(413))
        await writer.drain()
        await asyncio.sleep(0.01)


KINDS = (
    Kind(
        name="alert-loop",
        does="loops over `alert`",
        routes={"": script("while (true) alert('Call +1 555 0100')")},
        note="dialogs dismissed",
    ),
    Kind(
        name="dialog-timer",
        does="calls `alert`, `confirm` and `prompt` every millisecond",
        routes={"": script("setInterval(() => { alert(1); confirm(2); prompt(3) }, 1)")},
        note="dialogs dismissed: 6",
    ),
    Kind(
        name="dialog-frames",
        does="calls `alert` from fifty frames",
        routes={"": html(SEEN + "<iframe src=in></iframe>" * 50), "in": script("for (;;) alert(1)")},
        note="dialogs dismissed",
    ),
    Kind(
        name="print-loop",
        does="prints without end",
        routes={"": script("setInterval(print, 1); onafterprint = print; document.execCommand('print'); print()")},
    ),
    Kind(
        name="permissions",
        does="asks for notifications, place, camera, MIDI, USB and screen without end",
        routes={
            "": script(
                "setInterval(() => { const n = navigator, no = () => {}; try {"
                "Notification.requestPermission(no); n.geolocation.getCurrentPosition(no, no);"
                "n.mediaDevices?.getUserMedia({audio: true, video: true}).catch(no);"
                "n.mediaDevices?.getDisplayMedia().catch(no); n.requestMIDIAccess?.({sysex: true}).catch(no);"
                "n.usb?.requestDevice({filters: []}).catch(no); n.storage?.persist().catch(no) } catch {} }, 5)"
            )
        },
    ),
    Kind(
        name="clipboard",
        does="reads and overwrites the clipboard without end",
        routes={
            "": script(
                "setInterval(() => { const no = () => {}; navigator.clipboard?.readText().catch(no);"
                "navigator.clipboard?.writeText('powershell -enc').catch(no); document.execCommand('copy') }, 5)"
            )
        },
    ),
    Kind(
        name="credentials",
        does="asks for passkeys, payments and stored passwords",
        routes={
            "": script(
                "const no = () => {}; setInterval(() => { try {"
                "navigator.credentials?.get({publicKey: {challenge: new Uint8Array(16), userVerification: 'required'}})"
                ".catch(no); navigator.credentials?.get({password: true, mediation: 'required'}).catch(no);"
                "new PaymentRequest([{supportedMethods: 'basic-card'}],"
                "{total: {label: 'a', amount: {currency: 'USD', value: '1'}}}).show().catch(no) } catch {} }, 50)"
            )
        },
    ),
    Kind(
        name="file-chooser",
        does="opens file choosers without end",
        routes={
            "": script(
                "setInterval(() => { document.querySelector('input').click(); showOpenFilePicker?.().catch(() => {}) }, 5)",
                body=f"{SEEN}<input type=file>",
            )
        },
    ),
    Kind(
        name="full-screen",
        does="takes full screen, locks keyboard and pointer",
        routes={
            "": script(
                "setInterval(() => { const r = document.documentElement, no = () => {}; r.requestFullscreen().catch(no);"
                "navigator.keyboard?.lock()?.catch(no); r.requestPointerLock()?.catch(no);"
                "navigator.wakeLock?.request().catch(no) }, 5)"
            )
        },
    ),
    Kind(
        name="audio",
        does="plays an endless stream, a siren and a voice",
        routes={
            "": script(
                "const c = new AudioContext(); for (let i = 0; i < 50; i++) { const o = c.createOscillator();"
                "o.connect(c.destination); o.start() }"
                "setInterval(() => speechSynthesis?.speak(new SpeechSynthesisUtterance('Call now')), 5)",
                body=f"{SEEN}<audio src=radio autoplay loop></audio>",
            ),
            "radio": _radio,
        },
    ),
)
