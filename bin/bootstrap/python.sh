# Sets $python to a Python 3.11, 3.12 or 3.13: that of the portal's own environment once it is there,
# else the first one found. Read by bin/run, bin/test and bin/manage, which set $here first.
python=
for candidate in "$here/../var/venv/bin/python" python3 python3.13 python3.12 python3.11; do
    if "$candidate" -IS -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "The portal needs Python 3.11, 3.12 or 3.13, and none of python3, python3.13, python3.12, python3.11 is one." >&2
    echo "Debian and Ubuntu: apt-get install python3 python3-venv    macOS: brew install python@3.13" >&2
    exit 1
fi
