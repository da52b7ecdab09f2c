#!/bin/sh
# Sets up one part of the checkout, or says what is missing and what to install.
#
# usage: tools/setup.sh venv | packages REQUIREMENTS_FILE | node
set -eu
cd "$(dirname "$0")/.."

python=.venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1

fail() {
    printf '\nsetup: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

venv() {
    if new_enough "$python" && "$python" -m pip --version >/dev/null 2>&1; then return; fi
    seen=
    set -- python3 python3.13 python3.12 python3.11 python3.14 python
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; fi
    for candidate in "$@"; do
        if ! new_enough "$candidate"; then
            version=$("$candidate" --version 2>/dev/null) && seen="$seen $candidate is $version;"
            continue
        fi
        if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            seen="$seen $candidate lacks venv (Debian, Ubuntu: apt install python3-venv);"
            continue
        fi
        echo "setup: creating .venv with $("$candidate" --version)"
        "$candidate" -m venv --clear .venv || fail "$candidate could not create .venv; see its reason above."
        return
    done
    fail "Python 3.11 or newer with venv is missing:${seen:- none of $* runs.}" \
        "Install it: Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3;" \
        "macOS: brew install python; others: https://www.python.org/downloads/" \
        "or name the one to use: make ${GOAL:-demo} PYTHON=/path/to/python3"
}

pip_install() {
    "$python" -m pip install --quiet --no-compile "$@" ||
        fail "pip could not install $*; see its reason above." \
            "If it did not reach the package index: check the network, HTTPS_PROXY and pip's index-url, then run make again." \
            "If it found no matching version: this Python may be too new or too old; name another with PYTHON=... after rm -rf .venv."
}

packages() {
    echo "setup: installing Python packages from $1"
    # Only files with these hashes are installed, each package after those that it needs: two of the CDK's have files of
    # one name. They include the build backend, so that the editable install of the
    # checkout itself, which has no hash, needs no network of its own.
    pip_install --require-hashes --requirement "${1%.txt}.hashes"
    # Once is enough, and then it is never away while the checks import it.
    if [ "$1" = requirements-sandbox.txt ]; then
        pip_install --no-build-isolation --no-deps --editable .
    fi
}

node() {
    echo "setup: installing the CDK CLI with npm"
    PATH="$PWD/.venv/bin:$PATH" .venv/bin/npm ci \
        --no-audit --no-fund --ignore-scripts --no-progress --loglevel=error ||
        fail "npm could not install the CDK CLI of package-lock.json; see its reason above." \
            "If it did not reach the registry: check the network, HTTPS_PROXY and npm's registry setting, then run make again."
}

"$@"
