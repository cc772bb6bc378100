"""Task "Application": serves the app where the workbench expects it."""

import os
import subprocess
import sys

command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
subprocess.run([*command, "--server.port", os.environ["CDSW_APP_PORT"]], check=True)
