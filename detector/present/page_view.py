"""The suspect's page in words: redirects, hosts, forms, certificate, files."""

from __future__ import annotations

from collections import Counter

from detector.hosts import host_of
from detector.model import (
    BUNDLE_ROLES,
    Brand,
    Capture,
    Form,
    Hosting,
    InputField,
    NetworkEntry,
    Registration,
    StoredFile,
    TlsSummary,
)
from detector.present.legible import excerpt, label, one_line, page_url, safe_url, sentence, size, utc, visible
from detector.present.look_view import visitor
from detector.present.views import FileView, FormView, HopView, HostView, PageView

MAX_TEXT = 1600
MAX_HOSTS = 40
MAX_FORMS = 20
MAX_HOPS = 40


def page_view(capture: Capture, brand: Brand | None) -> PageView:
    """Everything of the capture that is text, bounded and defanged."""
    facts = capture.facts
    here = host_of(capture.final_url or capture.url)
    hosts = _hosts(capture.network, here, brand)
    return PageView(
        title=one_line(facts.title, 300) if facts else "",
        text=excerpt(facts.text, MAX_TEXT) if facts else "",
        text_total=len(facts.text) if facts else 0,
        language=one_line(facts.language, 40) if facts else "",
        inputs=tuple(_input(control) for control in facts.inputs[:30]) if facts else (),
        forms=tuple(_form(form, here) for form in facts.forms[:MAX_FORMS]) if facts else (),
        hops=tuple(
            HopView(page_url(hop.url, 600), str(hop.status) if hop.status else "script", visible(hop.address or ""))
            for hop in capture.redirects[:MAX_HOPS]
        ),
        hosts=hosts[:MAX_HOSTS],
        hosts_more=max(0, len(hosts) - MAX_HOSTS),
        requests=len(capture.network),
        facts=_facts(capture),
        tls=_tls(capture.tls),
        files=_files(capture),
    )


def _facts(capture: Capture) -> tuple[tuple[str, str], ...]:
    status = f" (HTTP {capture.status})" if capture.status else ""
    known = capture.registration
    pairs = (
        ("Captured", utc(capture.started)),
        ("Took", f"{capture.seconds:.1f} s" if capture.seconds else ""),
        ("Outcome", f"{label(capture.outcome)}{status}"),
        ("Note", sentence(capture.note, 400)),
        ("Seen as", visitor(capture.profile)),
        ("Browser", one_line(capture.browser, 100)),
        ("Registered", _registration(known)),
        ("Registrar", one_line(known.registrar, 200) if known else ""),
        ("Abuse contact", one_line(", ".join(known.abuse_contacts), 300) if known else ""),
        ("Name servers", one_line(", ".join(known.name_servers), 300) if known else ""),
        ("Hosted by", _hosting(capture.hosting)),
        ("Hoster's abuse contact", one_line(", ".join(capture.hosting.abuse_contacts), 300) if capture.hosting else ""),
    )
    return tuple((name, value) for name, value in pairs if value)


def _hosting(known: Hosting | None) -> str:
    """``Example Hosting, DE (AS64500 EXAMPLE-AS, 192.0.2.0/24 EXAMPLE-NET)``."""
    if known is None:
        return ""
    system = f"AS{known.as_number} {known.as_name}".strip() if known.as_number else ""
    network = f"{known.network} {known.network_name}".strip()
    who = ", ".join(part for part in (known.holder, known.country) if part)
    where = ", ".join(part for part in (system, network) if part)
    return one_line(f"{who} ({where})" if who and where else who or where, 500)


def _registration(known: Registration | None) -> str:
    return f"{utc(known.registered)} ({one_line(known.domain, 100)}, says {host_of(known.server)})" if known else ""


def _tls(tls: TlsSummary | None) -> tuple[tuple[str, str], ...]:
    if tls is None:
        return ()
    pairs = (
        ("Protocol", one_line(tls.protocol, 40)),
        ("Subject", safe_url(tls.subject, 260)),
        ("Issuer", one_line(tls.issuer, 260)),
        ("Valid from", utc(tls.valid_from)),
        ("Valid to", utc(tls.valid_to)),
    )
    return tuple((name, value) for name, value in pairs if value)


FILE_LABELS = {
    "screenshot": "Screenshot",
    "full_page": "Full page",
    "favicon": "Favicon",
    "before_clicks": "Before the clicks",
    "dom": "Rendered document",
    "warc": "Traffic (WARC)",
    "har": "Traffic (HAR)",
    "certificates": "Certificates",
}


def _files(capture: Capture) -> tuple[FileView, ...]:
    """The files of evidence, each once with every role that it has; of other profiles, the screenshot and the bundle."""
    named = [(FILE_LABELS[role], stored) for role, stored in capture.files()]
    for other in capture.others:
        named += [
            (_seen_as(role, visitor(other.profile)), stored)
            for role, stored in other.files()
            if role == "screenshot" or role in BUNDLE_ROLES
        ]
    roles: dict[StoredFile, list[str]] = {}
    for role, stored in named:
        roles.setdefault(stored, []).append(role)
    return tuple(
        FileView(_listed(names), visible(stored.sha256), one_line(stored.media_type, 60), size(stored.size))
        for stored, names in roles.items()
    )


def _seen_as(role: str, profile: str) -> str:
    return f"Seen as {profile}" if role == "screenshot" else f"{FILE_LABELS[role]}, {profile}"


def _listed(names: list[str]) -> str:
    return ", ".join([names[0], *(name[:1].lower() + name[1:] for name in names[1:])])


def _form(form: Form, here: str) -> FormView:
    target = host_of(form.action)
    return FormView(
        page_url(form.action, 400) or "this page", one_line(form.method, 12).upper(), bool(target) and target != here
    )


def _input(control: InputField) -> str:
    words = control.label or control.placeholder or control.name or control.autocomplete
    kind = one_line(control.type or "text", 20)
    return f"{one_line(words, 60)} ({kind})" if words else kind


def _hosts(network: tuple[NetworkEntry, ...], here: str, brand: Brand | None) -> tuple[HostView, ...]:
    grouped: dict[str, list[NetworkEntry]] = {}
    for entry in network:
        grouped.setdefault(host_of(entry.url) or "(no host)", []).append(entry)
    views = [_host(host, entries, here, brand) for host, entries in grouped.items()]
    return tuple(sorted(views, key=lambda view: (view.role != "this site", -view.requests, view.host)))


def _host(host: str, entries: list[NetworkEntry], here: str, brand: Brand | None) -> HostView:
    kinds = Counter(one_line(entry.kind, 20) for entry in entries)
    failures = [entry.failure for entry in entries if entry.failure]
    refused = sum(failure.startswith("guard:") for failure in failures)
    role = "this site" if host == here else ("official" if brand and _owns(brand, host) else "")
    return HostView(
        host=host if host == "(no host)" else safe_url(host, 200),
        requests=len(entries),
        size=size(sum(entry.size or 0 for entry in entries)),
        kinds=", ".join(f"{kind} × {count}" if count > 1 else kind for kind, count in kinds.most_common(4)),
        refused=refused,
        failed=len(failures) - refused,
        role=role,
    )


def _owns(brand: Brand, host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in brand.domains)
