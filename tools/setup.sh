#!/bin/sh
# Sets up clonewatch in .venv: does only what is missing, so that a second run takes no time.
# With "servers": also what the tests start of their own, and nobody else needs.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "setup: $*" >&2; }
fail() { printf '%s\n' "setup failed: $*" >&2; exit 4; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else return 1
    fi
}

apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    say "installing $* with apt-get"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null || return 1
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

# --- virtual environment -----------------------------------------------------------------------------------------
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python) || { apt_install python3 python3-venv && python=$(find_python); } ||
        fail "no Python 3.11 or newer; install one (Debian: apt-get install python3 python3-venv)"
    say "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv 2>/dev/null || {
        rm -rf .venv
        apt_install python3-venv && "$python" -m venv .venv
    } || fail "python3 -m venv does not work; install it (Debian: apt-get install python3-venv)"
fi

# --- locked dependencies -----------------------------------------------------------------------------------------
want=$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)
have=$(cat .venv/.clonewatch-setup 2>/dev/null || true)
if [ "$want" != "$have" ] || [ ! -x .venv/bin/clonewatch ]; then
    say "installing the locked dependencies (a few minutes on a slow line)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock ||
        fail "the locked dependencies could not be installed; see pip's message above"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ||
        fail "clonewatch itself could not be installed; see pip's message above"
    printf '%s\n' "$want" > .venv/.clonewatch-setup
fi

# --- what Playwright's driver links to -----------------------------------------------------------------------------
# its Node.js wants libatomic, which no compiler brought here; it says so itself where the browser is looked for
for node in .venv/lib/python3*/site-packages/playwright/driver/node; do
    [ ! -x "$node" ] || "$node" --version >/dev/null 2>&1 || apt_install libatomic1 || true
done

# --- browser -----------------------------------------------------------------------------------------------------
# clonewatch doctor --browser starts the browser that would be used, and says why when it cannot
have_browser() { .venv/bin/clonewatch doctor --browser >/dev/null 2>&1; }
mark=.venv/.clonewatch-browser
if [ ! -e "$mark" ] || ! [ -x "$(cat "$mark")" ]; then
    have_browser ||
        { apt_install chromium-headless-shell && have_browser; } ||
        { say "trying playwright install chromium-headless-shell" &&
            .venv/bin/playwright install chromium-headless-shell >&2 && have_browser; } ||
        fail "no browser: tried chromium-headless-shell and chromium in PATH, browsers that Playwright installed,
  apt-get install chromium-headless-shell, and playwright install chromium-headless-shell.
  Install one of them by hand, or set CLONEWATCH_BROWSER to a Chromium's path; then run make setup again."
    .venv/bin/clonewatch doctor --browser > "$mark" 2>/dev/null
    say "ready; browser $(cat "$mark")"
fi

# --- tesseract ---------------------------------------------------------------------------------------------------
# reads telephone numbers in pictures; without it everything else works, so that one try is enough
tried=.venv/.clonewatch-tesseract
if ! command -v "${CLONEWATCH_TESSERACT:-tesseract}" >/dev/null 2>&1 && [ ! -e "$tried" ]; then
    : > "$tried"
    { apt_install tesseract-ocr && command -v tesseract >/dev/null 2>&1; } ||
        say "no tesseract: telephone numbers in pictures will not be read; install it by hand (Debian: apt-get install tesseract-ocr)"
fi

# --- fonts -------------------------------------------------------------------------------------------------------
# pages in scripts without a font are boxes on screenshots; clonewatch doctor --fonts draws and looks.  One try is enough.
# These three leave the fonts of Latin text as they are: those decide what screenshots look like.
fonts="fonts-wqy-microhei fonts-noto-ui-core fonts-noto-color-emoji"
have_fonts() { .venv/bin/clonewatch doctor --fonts >/dev/null 2>&1; }
tried=.venv/.clonewatch-fonts
if [ ! -e "$tried" ]; then
    : > "$tried"
    # one word a package
    # shellcheck disable=SC2086
    have_fonts || { apt_install $fonts && have_fonts; } ||
        say "fonts are missing: some scripts will be boxes on screenshots; \`clonewatch doctor\` names them (Debian: apt-get install $fonts)"
fi

# --- servers -----------------------------------------------------------------------------------------------------
# without them the tests that need them are skipped, with the reason
if [ "${1:-}" = servers ]; then
    tried=.venv/.clonewatch-servers
    wanted=""
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || wanted="$wanted rabbitmq-server"
    command -v redis-server >/dev/null 2>&1 || wanted="$wanted redis-server"
    if [ -n "$wanted" ] && [ ! -e "$tried" ]; then
        : > "$tried"
        # RUNLEVEL: the packages would start servers of their own; one word a package
        # shellcheck disable=SC2086
        RUNLEVEL=1 apt_install $wanted ||
            say "not installed:$wanted; the tests on them will be skipped (Debian: apt-get install$wanted)"
    fi
fi
