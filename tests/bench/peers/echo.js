// SPDX-License-Identifier: GPL-3.0-or-later
export default {
  async fetch(request) {
    const event = await request.json();
    return Response.json({ ok: true, echo: event.b });
  },
};
