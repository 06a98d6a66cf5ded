"""Documents that try every way out of a browser, with ``@PLACES@`` for the addresses of the baits."""

from __future__ import annotations

FRAMES = """
<iframe src="/elements"></iframe><iframe src="/spellings"></iframe><iframe src="/script"></iframe><iframe src="/rtc"></iframe>
<iframe src="/302"></iframe>
<iframe src="/refresh"></iframe><iframe src="/early"></iframe><iframe src="/svg"></iframe><iframe src="/xml"></iframe>
<iframe src="/xml-styled"></iframe>
<iframe src="/pdf"></iframe><embed src="/pdf" type="application/pdf"><object data="/pdf" type="application/pdf"></object>
<iframe src="/exchange"></iframe><iframe src="@PLAIN@/frame"></iframe><iframe src="@SECURE@/frame-tls"></iframe>
<iframe src="@NAMED@/frame-name"></iframe><iframe src="@SIX@/frame-six"></iframe><iframe src="@DECIMAL@/frame-decimal"></iframe>
<iframe src="file:///etc/passwd"></iframe><iframe src="ftp://@HOST@/ftp"></iframe><iframe src="view-source:@PLAIN@/source"></iframe>
<iframe src="filesystem:@PLAIN@/temporary/x"></iframe><iframe src="mailto:nobody@bait.example"></iframe>
<iframe src="tel:+15550100"></iframe><iframe src="intent://x#Intent;scheme=http;end"></iframe>
<iframe srcdoc="<meta http-equiv=refresh content='0;url=@PLAIN@/refresh-meta'>"></iframe>
<iframe srcdoc="<base href='@PLAIN@/'><img src=base-image>"></iframe>
"""
SPECULATION = """
<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["@PLAIN@/speculative", "@SECURE@/speculative-tls"]},
 {"source": "list", "urls": ["/302?prefetch"], "eagerness": "immediate"},
 {"source": "list", "urls": ["@SECURE@/speculative-anonymous"], "requires": ["anonymous-client-ip-when-cross-origin"]}],
 "prerender": [{"source": "list", "urls": ["@PLAIN@/speculative-prerender", "/302?prerender"]}]}</script>
"""
HEAD = """
<link rel="stylesheet" href="@PLAIN@/style"><link rel="alternate stylesheet" href="@PLAIN@/style-alternate" title="x">
<link rel="preconnect" href="@PLAIN@"><link rel="preconnect" href="@SECURE@"><link rel="preconnect" href="@SIX@">
<link rel="dns-prefetch" href="//@NAMEHOST@"><link rel="prefetch" href="@PLAIN@/prefetch">
<link rel="prerender" href="@PLAIN@/prerender">
<link rel="preload" as="script" href="@PLAIN@/preload-script"><link rel="preload" as="font" crossorigin href="@PLAIN@/preload-font">
<link rel="preload" as="image" href="@PLAIN@/preload-image"><link rel="preload" as="fetch" crossorigin href="@PLAIN@/preload-fetch">
<link rel="modulepreload" href="@PLAIN@/modulepreload"><link rel="manifest" href="/manifest">
<link rel="manifest" href="@PLAIN@/manifest">
<link rel="icon" href="@PLAIN@/icon"><link rel="shortcut icon" href="@PLAIN@/icon-shortcut">
<link rel="mask-icon" href="@PLAIN@/icon-mask">
<link rel="apple-touch-icon" href="@PLAIN@/icon-apple">
<link rel="search" href="@PLAIN@/search" type="application/opensearchdescription+xml">
<link rel="compression-dictionary" href="@PLAIN@/dictionary"><link rel="import" href="@PLAIN@/import">
<script type="webbundle">{"source": "@PLAIN@/bundle", "resources": ["@PLAIN@/bundle-part"]}</script>
<script type="importmap">{"imports": {"far": "@PLAIN@/import-map"}}</script>
<script src="@PLAIN@/script-classic"></script><script type="module" src="@PLAIN@/script-module"></script>
<style>@import "@PLAIN@/css-import"; @font-face { font-family: far; src: url("@PLAIN@/css-font") }
 body { font-family: far; background: url("@PLAIN@/css-background"); cursor: url("@PLAIN@/css-cursor"), auto }
 p { list-style: url("@PLAIN@/css-list"); mask: url("@PLAIN@/css-mask"); filter: url("@PLAIN@/css-filter#x");
 border-image: url("@PLAIN@/css-border"); shape-outside: url("@PLAIN@/css-shape"); float: left }
 p::before { content: url("@PLAIN@/css-content") }</style>
"""
ELEMENTS = """
<p>text</p><img src="@PLAIN@/image"><img src="@SECURE@/image-tls"><img src="@NAMED@/image-name"><img src="@SIX@/image-six">
<img srcset="@PLAIN@/image-set 1x"><picture><source srcset="@PLAIN@/image-source"><img></picture><img src="/302?image">
<img attributionsrc="@SECURE@/attribution" src="@SECURE@/attribution-image"><input type="image" src="@PLAIN@/input-image">
<video src="@PLAIN@/video" poster="@PLAIN@/poster" autoplay muted></video><audio src="@PLAIN@/audio" preload="auto"></audio>
<video src="/hls" autoplay muted><track default src="@PLAIN@/track"></video><embed src="@PLAIN@/embed">
<object data="@PLAIN@/object"></object>
<svg><image href="@PLAIN@/svg-image"/><use href="@PLAIN@/svg-use#x"/><filter><feImage href="@PLAIN@/svg-fe"/></filter></svg>
<form id="form" action="@PLAIN@/form" target="hidden" method="post"><input name="x" value="1"></form><iframe name="hidden"></iframe>
<a id="ping" href="#here" ping="@PLAIN@/ping">x</a><table background="@PLAIN@/table-background"><tr><td>x</table>
<div style="background: image-set(url('@PLAIN@/inline-set') 1x)">x</div><portal src="@PLAIN@/portal"></portal>
<fencedframe src="@SECURE@/fenced"></fencedframe><script>document.getElementById("form").submit()</script>
"""
SCRIPT = """
const quietly = (work) => { try { Promise.resolve(work()).catch(() => {}) } catch {} };
const far = {mode: "no-cors"};
quietly(() => fetch("@PLAIN@/fetch", far)); quietly(() => fetch("@SECURE@/fetch-tls", far));
quietly(() => fetch("@SIX@/fetch-six", far)); quietly(() => fetch("/302?fetch", far));
quietly(() => fetch("@NAMED@/fetch-name", {...far, keepalive: true, method: "POST", body: "x"}));
quietly(() => fetchLater("@SECURE@/fetch-later", {activateAfter: 0}));
quietly(() => navigator.sendBeacon("@PLAIN@/beacon", "x"));
quietly(() => { const request = new XMLHttpRequest(); request.open("GET", "@PLAIN@/xhr"); request.send() });
quietly(() => new WebSocket("ws://@HOST@/socket")); quietly(() => new WebSocket("wss://@TLSHOST@/socket-tls"));
quietly(() => new WebSocket("ws://@NAMEHOST@/socket-name")); quietly(() => new WebSocket("ws://@SIXHOST@/socket-six"));
quietly(() => new WebSocketStream("ws://@HOST@/socket-stream").opened);
quietly(() => new EventSource("@PLAIN@/events"));
quietly(() => new WebTransport("https://@TLSHOST@/transport").ready);
quietly(() => new WebTransport("https://@TLSHOST@/transport-hash",
  {serverCertificateHashes: [{algorithm: "sha-256", value: new Uint8Array(32)}]}).ready);
const blob = (text) => URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
quietly(() => new Worker(blob('importScripts("@PLAIN@/worker-import")')));
quietly(() => new Worker(blob('fetch("@PLAIN@/worker-fetch", {mode: "no-cors"}); new WebSocket("ws://@HOST@/worker-socket")')));
quietly(() => new Worker(blob('import("@PLAIN@/worker-module")'), {type: "module"}));
quietly(() => new SharedWorker(blob('fetch("@PLAIN@/shared-worker", {mode: "no-cors"})')));
quietly(() => navigator.serviceWorker.register("/sw.js"));
quietly(() => { const frame = document.createElement("iframe"); document.body.append(frame);
  return frame.contentWindow.navigator.serviceWorker.register("/sw.js") });
quietly(() => caches.open("x").then((cache) => cache.add("@PLAIN@/cache")));
quietly(() => import("@PLAIN@/dynamic-import")); quietly(() => CSS.paintWorklet.addModule("@PLAIN@/paint-worklet"));
quietly(() => new OfflineAudioContext(1, 1, 44100).audioWorklet.addModule("@PLAIN@/audio-worklet"));
quietly(() => sharedStorage.worklet.addModule("@SECURE@/storage-worklet"));
quietly(() => new FontFace("far", 'url("@PLAIN@/font-face")').load());
quietly(() => { new Image().src = "@PLAIN@/new-image" }); quietly(() => new Audio("@PLAIN@/new-audio").play());
quietly(() => window.open("@PLAIN@/popup")); quietly(() => document.getElementById("ping")?.click());
quietly(() => { const link = document.createElement("a"); link.href = "#"; link.ping = "@PLAIN@/click-ping"; link.click() });
quietly(() => { const xslt = document.implementation.createDocument("", "x"); xslt.load?.("@PLAIN@/xml-load") });
quietly(() => new PaymentRequest([{supportedMethods: "@SECURE@/payment"}],
  {total: {label: "x", amount: {currency: "USD", value: "1"}}}).canMakePayment());
quietly(() => navigator.credentials.get({identity: {providers: [{configURL: "@SECURE@/federated", clientId: "x"}]}}));
quietly(() => navigator.credentials.get({publicKey: {challenge: new Uint8Array(8), rpId: "@NAMEHOST@".split(":")[0]}}));
quietly(() => navigator.joinAdInterestGroup({owner: "@SECURE@", name: "x", biddingLogicURL: "@SECURE@/auction-bid",
  updateURL: "@SECURE@/auction-update"}, 60));
quietly(() => navigator.runAdAuction({seller: "@SECURE@", decisionLogicURL: "@SECURE@/auction-decide",
 interestGroupBuyers: ["@SECURE@"]}));
quietly(() => document.requestStorageAccess()); quietly(() => new PresentationRequest(["@SECURE@/presentation"]).start());
quietly(() => { navigator.mediaSession.metadata = new MediaMetadata({artwork: [{src: "@PLAIN@/artwork"}]}) });
quietly(() => new Notification("x", {icon: "@PLAIN@/notification"}));
quietly(() => new TCPSocket("@HOST@".split(":")[0], Number("@HOST@".split(":")[1])).opened);
quietly(() => new UDPSocket({remoteAddress: "@HOST@".split(":")[0], remotePort: Number("@HOST@".split(":")[1])}).opened);
// leads away from this page, and ends what has not been sent yet: last
setTimeout(() => quietly(() => {
  const link = document.createElement("a"); link.href = "@PLAIN@/download"; link.download = "x"; link.click() }), 4000);
addEventListener("pagehide", () => {
  quietly(() => fetch("@PLAIN@/keepalive-at-the-end", {...far, keepalive: true}));
  quietly(() => navigator.sendBeacon("@PLAIN@/beacon-at-the-end", "x"));
});
for (const scheme of ["mailto:a@bait.example", "tel:1", "ms-word:x", "zoommtg://x", "intent:x", "search-ms:x"])
  quietly(() => { const frame = document.createElement("iframe"); frame.src = scheme; document.body.append(frame) });
"""
RTC = """
document.title = "rtc";
const servers = [{urls: ["stun:@HOST@", "stun:@NAMEHOST@", "stun:@SIXHOST@"]},
  {urls: ["turn:@HOST@?transport=udp", "turn:@HOST@?transport=tcp", "turns:@TLSHOST@?transport=tcp",
 "turn:@NAMEHOST@?transport=tcp"],
   username: "a", credential: "b"}];
for (const policy of ["all", "relay"]) {
  const peer = new RTCPeerConnection({iceServers: servers, iceTransportPolicy: policy, iceCandidatePoolSize: 2});
  const other = new RTCPeerConnection({iceServers: servers});
  peer.createDataChannel("x");
  const [address, port] = "@HOST@".split(":");
  const far = ["udp", "tcp"].flatMap((transport) => [address, "::1", "a0b1c2d3-0000-4000-8000-0123456789ab.local",
 "@NAMEHOST@".split(":")[0]]
    .map((where) => `candidate:1 1 ${transport} 2122260223 ${where} ${port} typ host${transport === "tcp" ? " tcptype
 passive" : ""}`));
  (async () => {
    await peer.setLocalDescription(await peer.createOffer());
    await other.setRemoteDescription(peer.localDescription);
    await other.setLocalDescription(await other.createAnswer());
    await peer.setRemoteDescription(other.localDescription);
    for (const candidate of far) await peer.addIceCandidate({candidate, sdpMid: "0", sdpMLineIndex: 0}).catch(() => {});
  })().catch(() => {});
}
"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<style>@import "@PLAIN@/svg-import";</style>
<image xlink:href="@PLAIN@/svg-file-image"/><script href="@PLAIN@/svg-script"/><use href="@PLAIN@/svg-file-use#x"/>
<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="@PLAIN@/svg-foreign"/></foreignObject></svg>"""
XML = """<?xml version="1.0"?><?xml-stylesheet type="text/css" href="@PLAIN@/xml-css"?>
<!DOCTYPE x PUBLIC "-//X//X" "@PLAIN@/xml-dtd" [<!ENTITY far SYSTEM "@PLAIN@/xml-entity">]>
<x xmlns:xi="http://www.w3.org/2001/XInclude">&far;<xi:include href="@PLAIN@/xml-include"/>
<img xmlns="http://www.w3.org/1999/xhtml" src="@PLAIN@/xml-image"/></x>"""
XML_STYLED = """<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/xsl"?>
<?xml-stylesheet type="text/xsl" href="@PLAIN@/xslt"?>
<x/>"""
XSL = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:import href="@PLAIN@/xsl-import"/>
<xsl:include href="@PLAIN@/xsl-include"/><xsl:template match="/"><html><xsl:copy-of select="document('@PLAIN@/xsl-document')"/>
<img src="@PLAIN@/xsl-image"/></html></xsl:template></xsl:stylesheet>"""
PDF = """%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/AA<</WC 5 0 R>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/AA<</O 5 0 R>>/Annots[6 0 R]>>endobj
4 0 obj<</S/JavaScript/JS(this.submitForm('@PLAIN@/pdf-submit'\\);app.launchURL('@PLAIN@/pdf-launch'\\);getURL('@PLAIN@/pdf-get'\\))
/Next 5 0 R>>endobj
5 0 obj<</S/URI/URI(@PLAIN@/pdf-uri)/Next<</S/SubmitForm/F(@PLAIN@/pdf-form)/Next<</S/ImportData/F(@PLAIN@/pdf-import)>>>>>>endobj
6 0 obj<</Type/Annot/Subtype/Screen/Rect[0 0 9 9]/AA<</PV 5 0 R>>>>endobj
trailer<</Root 1 0 R>>
%%EOF"""
