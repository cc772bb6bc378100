"""Task "Install": what requirements.txt names, at the versions of requirements.lock."""

import subprocess
import sys

pip = [sys.executable, "-m", "pip", "install"]
subprocess.run([*pip, "-r", "requirements.txt", "-c", "requirements.lock"], check=True)
