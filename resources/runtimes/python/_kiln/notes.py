# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user's code reaches for outside its sandbox, so that the engine can say what was refused and where.

An audit hook sees each attempt before it is made, also one whose failure the code handles; the environment is a dict that
tells which variables are asked for. Both decide nothing.
"""

import posix
import sys

MOST = 48
MOST_NAMES = 64  # variables that were asked for in vain, in the whole life of a process
WRITES = posix.O_WRONLY | posix.O_RDWR | posix.O_CREAT
# What a sandbox has anyway, or must not have: told only if it ends the invocation.
OWN = ("/usr/", "/lib", "/bin/", "/sbin/", "/etc/", "/tmp/", "/proc/", "/dev/", "/sys/", "/opt/kiln/", "/run/")
SERVICES = {"http": 80, "https": 443}
LACKING = (1, 2, 13, 20, 30, 101, 113)  # EPERM ENOENT EACCES ENOTDIR EROFS ENETUNREACH EHOSTUNREACH

noted = {}  # (kind, target): place
own = OWN
granted = ()  # paths
given = frozenset()  # names of variables, as bytes
asked = set()  # those that were told of, also in vain
code = "/var/task/"
prepared = False
HERE = __file__.rpartition("_kiln/")[0]


def place_of(frame):
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(code):
            return f"{name[len(code):]}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def note(kind, target, place=None):
    if len(noted) < MOST and (kind, target) not in noted:
        noted[kind, target] = place_of(sys._getframe(2)) if place is None else place


def path_text(path):
    if isinstance(path, bytes):
        path = path.decode("utf-8", "surrogateescape")
    if not isinstance(path, str) or not path or "\0" in path:
        return None
    if path[0] != "/":
        here = posix.getcwd() + "/"
        if here == code:
            return path
        path = here + path
    return "/var/task" + path[len(code) - 1 :] if (path + "/").startswith(code) else path


def opened(path, mode=None, flags=0):
    writes = flags & WRITES
    if path.__class__ is str and not path.startswith(granted) and (
        path.startswith(own) or (not writes and (path + "/").startswith(code) and "/../" not in path)
    ):
        return
    text = path_text(path)
    if text is not None and (writes or text[0] == "/" or ".." in text) and (
        not (text + "/").startswith(own) or text.startswith(granted)
    ):
        note("write" if writes else "read", text)


def listed(path=None):
    opened(path)


def made(path, *_):
    opened(path, None, WRITES)


def connected(socket, address):
    if isinstance(address, tuple) and len(address) > 1:
        host, port = address[:2]
        if isinstance(host, str) and isinstance(port, int):
            note("connect", f"[{host.partition('%')[0]}]:{port}" if ":" in host else f"{host}:{port}")


def resolved(host, port, *_):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if isinstance(port, (bytes, str)):
        port = str(port, "ascii", "replace") if isinstance(port, bytes) else port
        port = int(port) if port.isdigit() else SERVICES.get(port)
    if isinstance(host, str) and isinstance(port, int) and port and ":" not in host and host.strip("0123456789."):
        if host != "localhost":
            note("connect", f"{host}:{port}")


class Variables(dict):
    """posix.environ, from which os.environ is made. What is asked for is told once in the life of a process."""

    def __getitem__(self, key):
        if key in given and key not in asked and not passed_over():
            tell_variable(key)
        return dict.__getitem__(self, key)

    def __missing__(self, key):
        if len(asked) - len(given) < MOST_NAMES and key not in asked:
            tell_variable(key)
        raise KeyError(key)


def passed_over():
    """Whether a library goes through all variables, as urllib does to find those of proxies: it has no use for this one."""
    caller = sys._getframe(3)  # of os.environ[…]
    if caller is None or caller.f_code.co_name != "__iter__" or "_collections_abc" not in caller.f_code.co_filename:
        return False
    return caller.f_back is not None and not caller.f_back.f_code.co_filename.startswith(code)


def tell_variable(key):
    asked.add(key)
    try:
        noted["variable", key.decode()] = place_of(sys._getframe(2))
    except Exception:
        pass  # it has a name that is none


def inherited(*_):
    """Another program is started with all variables."""
    for key in given - asked:
        tell_variable(key)


def started(_executable, _arguments, _folder, environment):
    if environment is None:
        inherited()


EVENTS = {
    "os.system": inherited,
    "subprocess.Popen": started,
    "open": opened,
    "os.listdir": listed,
    "os.scandir": listed,
    "os.mkdir": made,
    "os.remove": made,
    "os.rename": made,
    "sqlite3.connect": opened,
    "socket.connect": connected,
    "socket.sendto": connected,
    "socket.getaddrinfo": resolved,
}


def hook(event, args, find=EVENTS.get):
    action = find(event)
    if action is not None:
        try:
            action(*args)
        except Exception:
            pass  # a note is lost; the user's call must not be


def failed(error):
    """Notes an error that ended the invocation, if it is of a file or a folder: also what the hook does not see."""
    for _ in range(10):
        if error is None:
            return
        name = error.filename if isinstance(error, OSError) else None
        if isinstance(name, (str, bytes)) and error.errno in LACKING:
            text = path_text(name)
            kind = "write" if error.errno == 30 else "read"
            trace, place = error.__traceback__, ""
            while trace is not None:
                file = trace.tb_frame.f_code.co_filename
                if file.startswith(code):
                    place = f"{file[len(code):]}:{trace.tb_lineno}"
                trace = trace.tb_next
            if text is not None and not any(target == text for _, target in noted):
                note(kind, text, place)
        error = error.__cause__ or error.__context__


def prepare():
    """What need not know the function: from here on the hook is asked, and variables tell."""
    global prepared
    if prepared:
        return
    prepared = True
    posix.environ = Variables(posix.environ)
    if os := sys.modules.get("os"):
        os.environ._data = posix.environ
        os.environb._data = posix.environ
    sys.addaudithook(hook)


def watch(folder, files=(), variables=()):
    """From now on; `files` and `variables` are those that the function was granted."""
    global code, own, granted, given
    prepare()
    granted = tuple(files)
    given = frozenset([name.encode("utf-8", "surrogateescape") for name in variables])
    code = folder.rstrip("/") + "/"
    own = OWN + (HERE, sys.prefix + "/", sys.base_prefix + "/", sys.exec_prefix + "/")
    noted.clear()
    asked.clear()


def take():
    """What was noted since the last call, as the engine reads it."""
    items = [{"kind": kind, "target": clean(target), "place": clean(place)} for (kind, target), place in list(noted.items())]
    noted.clear()
    return items


def clean(text):
    return text.encode("utf-8", "backslashreplace").decode()
