// SPDX-License-Identifier: GPL-3.0-or-later
const { http } = require('@google-cloud/functions-framework');

http('echo', (request, response) => {
  response.json({ ok: true, echo: request.body.b });
});
