// SPDX-License-Identifier: GPL-3.0-or-later
// For serverless-offline, and for Kiln: what both take is a handler as on AWS Lambda.
exports.handler = async (event) => {
  return { statusCode: 200, body: JSON.stringify({ ok: true, echo: JSON.parse(event.body).b }) };
};
