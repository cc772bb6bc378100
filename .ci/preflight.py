# ruff: noqa: UP032
"""Says in one sentence what is missing before `make` installs or serves.

Written so that an older Python can read it too, because its first task is to recognise one.
"""

import os
import shutil
import socket
import sys


def python_problem():
    """Too old, or without the modules that make an environment."""
    if sys.version_info < (3, 11):  # noqa: UP036
        return "Crumbtrail needs Python 3.11 or newer; {} is {}.{}. Name another: make {} PYTHON=python3.11".format(
            sys.executable, sys.version_info[0], sys.version_info[1], os.environ.get("GOAL") or "app"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python{}.{}-venv".format(
            *sys.version_info[:2]
        )
    return None


def disk_problem(gigabytes):
    """Less free space here than an installation takes."""
    free = shutil.disk_usage(".").free / 1e9
    if free < float(gigabytes):
        return (
            "The installation needs about {} GB of free disk and there are {:.1f} GB here. Free some, or take a "
            "smaller build of torch: make app TORCH_INDEX_URL=... (see README.md)".format(gigabytes, free)
        )
    return None


def port_problem(port):
    """No port, or one that cannot be listened on."""
    if not (port.isdigit() and 0 < int(port) < 65536):
        return "PORT={} is no port; take a number from 1 to 65535, for example PORT=8501.".format(port)
    with socket.socket() as probe:
        # As the server does it: a port that was given back a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except PermissionError:
            return "Port {} is kept for the system. Choose a higher one: make app PORT=8501".format(port)
        except OSError:
            return "Port {} is in use, perhaps by Crumbtrail itself. Choose another: make app PORT={}".format(
                port, int(port) % 65535 + 1
            )
    return None


CHECKS = {"python": python_problem, "disk": disk_problem, "port": port_problem}

if __name__ == "__main__":
    sys.exit(CHECKS[sys.argv[1]](*sys.argv[2:]))
