# SPDX-License-Identifier: GPL-3.0-or-later
"""What is printed, and when it is in the pipe."""

import sys


class LoggingHook:
    """Gives `logging` AWS Lambda's handler and format once the user imports it, and costs nothing until then."""

    request_id = ""  # of the invocation under way, for log lines

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(LoggingHook)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                break
        else:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            from _kiln import logs

            logs.configure(module, LoggingHook)

        spec.loader.exec_module = exec_module
        return spec


def flush(own=(("stdout", sys.stdout), ("stderr", sys.stderr))):
    """All that was printed is in the pipe before the answer is; a stream that the user closed or replaced is theirs."""
    for name, stream in own:
        try:
            stream.flush()
        except Exception:
            pass
        current = getattr(sys, name, None)
        if current is not stream:
            try:
                current.flush()
            except Exception:
                pass
    if "ctypes" in sys.modules:  # printf in a C library waits in libc's own buffer
        try:
            sys.modules["ctypes"].CDLL(None).fflush(None)
        except Exception:
            pass
