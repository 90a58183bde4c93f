#!/usr/bin/env bash
# Makes sure that the tests of several replicas find an nginx: the system's own, or else Debian's or Ubuntu's, of which
# the program alone is unpacked into .venv/bin. Nothing is installed, so that no service starts and no port is taken.
# Usage: tests/scale/install_nginx.sh [FOLDER]   (FOLDER takes the program; default: .venv/bin)
# Without an nginx these tests are skipped, so that this never fails; CI sees to it that they run (PERICLES_NEED_NGINX).
set -uo pipefail

folder=${1:-.venv/bin}
for name in nginx /usr/sbin/nginx /usr/local/sbin/nginx "$folder/nginx"; do
    if command -v "$name" >/dev/null && "$name" -v 2>/dev/null; then
        echo "The tests of several replicas use $(command -v "$name")."
        exit 0
    fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# In newer releases the program is in `nginx`, in older ones in `nginx-light`.
fetch() {
    for package in nginx nginx-light; do
        (cd "$scratch" && apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg -x "$package"_*.deb unpacked) || continue
        if [ -x "$scratch/unpacked/usr/sbin/nginx" ] && "$scratch/unpacked/usr/sbin/nginx" -v 2>/dev/null; then
            cp "$scratch/unpacked/usr/sbin/nginx" "$folder/nginx"
            return
        fi
    done
    return 1
}

if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
    echo "Fetching nginx (1 MB) into $folder …"
    fetch && exit 0
    # The lists of packages may be missing or old; only root may fetch them.
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
    fi
    if "${as_root[@]}" true 2>/dev/null && "${as_root[@]}" apt-get -qq update; then
        fetch && exit 0
    fi
fi

echo "No nginx: the tests of several replicas will be skipped. Install nginx 1.19.5 or newer so that it is on PATH or in" \
    "/usr/sbin to run them." >&2
