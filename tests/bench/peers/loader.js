// SPDX-License-Identifier: GPL-3.0-or-later
import source from 'echo.txt';

export default {
  async fetch(request, env) {
    const isolate = env.LOADER.get(new URL(request.url).pathname, async () => ({
      compatibilityDate: '2026-01-01',
      mainModule: 'echo.js',
      modules: { 'echo.js': source },
    }));
    return isolate.getEntrypoint().fetch(request);
  },
};
