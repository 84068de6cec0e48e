# SPDX-License-Identifier: GPL-3.0-or-later
# workerd with a worker that loads another one, in an isolate of its own, for each path: the first request to a path
# meets a function that never ran.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [ (name = "main", worker = .loader) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ]
);

const loader :Workerd.Worker = (
  modules = [
    (name = "loader.js", esModule = embed "loader.js"),
    (name = "echo.txt", text = embed "echo.js")
  ],
  bindings = [ (name = "LOADER", workerLoader = ()) ],
  compatibilityDate = "2026-01-01"
);
