"""The arguments that a browser is started with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from crawler.browser.confinement import environment, flags


def test_the_browser_has_no_way_out_but_the_proxy() -> None:
    given = flags()
    assert "--host-resolver-rules=MAP * [::ffff:255.255.255.255] , EXCLUDE 127.0.0.1" in given
    assert "--force-webrtc-ip-handling-policy=disable_non_proxied_udp" in given
    assert "--webrtc-ip-handling-policy=disable_non_proxied_udp" in given
    assert "--disable-quic" in given
    assert not any(flag.startswith(("--no-sandbox", "--disable-web-security", "--proxy")) for flag in given)


def test_the_browser_knows_no_proxy_bus_or_display_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "all_proxy", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "SSLKEYLOGFILE"):
        monkeypatch.setenv(name, "x")
    assert set(environment(tmp_path)) <= {
        *("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL"),
        *("LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH"),
    }


@pytest.mark.skipif(shutil.which("false") is None, reason="no program `false` here")
def test_no_page_starts_another_program(tmp_path: Path) -> None:
    given = environment(tmp_path)
    places = str(given["PATH"])
    assert environment(tmp_path) == given  # a second browser in the same place
    for name in ("xdg-open", "xdg-email"):
        found = shutil.which(name, path=places)
        assert found is not None
        assert Path(found).is_relative_to(tmp_path)
        assert subprocess.run([found, "mailto:a@b.example"], check=False).returncode != 0
    assert shutil.which("sh", path=places) == shutil.which("sh")
