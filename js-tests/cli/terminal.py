"""Runs a program with a terminal of its own, as a shell would for `$(program)`: stdin and stderr are the terminal.

    python3 terminal.py COLUMNS PROGRAM ARGUMENT...

What comes in on stdin is typed; what the terminal shows goes to stderr. stdout is the program's own. A SIGTERM or a
SIGHUP goes to the program.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

columns, *command = sys.argv[1:]
screen, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(columns), 0, 0))

child = os.fork()
if child == 0:
    os.setsid()
    # From now on a typed Ctrl-C is a SIGINT for this process.
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    os.dup2(terminal, 0)
    os.dup2(terminal, 2)
    os.closerange(3, 256)
    os.execvp(command[0], command)
os.close(terminal)
for each in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, lambda number, _: os.kill(child, number))

inputs = [0, screen]
while screen in inputs:
    ready, _, _ = select.select(inputs, [], [])
    if screen in ready:
        try:
            shown = os.read(screen, 65536)
        except OSError:  # Linux: the last one who had the terminal is gone
            shown = b""
        if shown:
            os.write(2, shown)
        else:
            inputs.remove(screen)
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(screen, typed)
        else:
            inputs.remove(0)

_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
