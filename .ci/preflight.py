"""Says in one sentence what is missing before `make` installs or serves.

Written for any Python from 2.7 on, because its first task is to recognise one that is too old.
"""

import os
import shutil
import socket
import sys


def python_problem():
    if sys.version_info < (3, 11):
        return "Crumbtrail needs Python 3.11 or newer; %s is %d.%d. Name another: make %s PYTHON=/path/to/python3.11" % (
            (sys.executable,) + sys.version_info[:2] + (os.environ.get("GOAL", "app"),)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python%d.%d-venv" % (
            sys.version_info[:2]
        )
    return None


def disk_problem(gigabytes):
    free = shutil.disk_usage(".").free / 1e9
    if free < gigabytes:
        return (
            "The installation needs about %.0f GB of free disk and there are %.1f GB here. Free some, or, the first "
            "time, take a smaller build of torch: make app TORCH_INDEX_URL=... (see README.md)" % (gigabytes, free)
        )
    return None


def port_problem(port):
    if not (port.isdigit() and 0 < int(port) < 65536):
        return "PORT=%s is no port; take a number from 1 to 65535, for example PORT=8501." % port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except PermissionError:
            return "Port %s is reserved for the system; take a higher one: make app PORT=8501" % port
        except OSError:
            return "Port %s is in use, perhaps by a Crumbtrail that runs already. Choose another: make app PORT=%d" % (
                port,
                int(port) % 65535 + 1,
            )
    return None


CHECKS = {"python": python_problem, "disk": lambda: disk_problem(float(sys.argv[2])), "port": lambda: port_problem(sys.argv[2])}

if __name__ == "__main__":
    sys.exit(CHECKS[sys.argv[1]]())
