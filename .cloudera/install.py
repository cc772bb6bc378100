"""Task "Install": what requirements.txt names, at the versions of requirements.lock."""

import subprocess
import sys

subprocess.run([sys.executable, "-m", "pip", "install", "-r", "requirements.txt", "-c", "requirements.lock"], check=True)
