// GET /quote/mug?quantity=12, or fired by hand with {"sku": "mug", "quantity": 12}.

import { readFile } from 'node:fs/promises';

// Top-level await runs once per worker: a warm invocation finds the prices in memory.
const prices = JSON.parse(await readFile(new URL('prices.json', import.meta.url), 'utf8'));

// From this many pieces on, this much off.
const discounts = [
  { from: 100, percent: 15 },
  { from: 12, percent: 5 },
];

export const handler = async (event) => {
  const sku = event?.pathParameters?.sku ?? event?.sku;
  const wanted = event?.queryStringParameters?.quantity ?? event?.quantity ?? 1;

  const cents = Object.hasOwn(prices, String(sku)) ? prices[sku] : undefined;
  if (cents === undefined) {
    return answer(404, { error: `there is no article ${JSON.stringify(sku ?? null)}`, articles: Object.keys(prices) });
  }
  const quantity = Number(wanted);
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 10_000) {
    return answer(400, { error: 'quantity must be a whole number from 1 to 10000' });
  }

  const percent = discounts.find((discount) => quantity >= discount.from)?.percent ?? 0;
  const total = Math.round((cents * quantity * (100 - percent)) / 100);
  console.log(`quote: ${quantity} × ${sku} at ${percent} % off`);
  return answer(200, { sku, quantity, discountPercent: percent, total: (total / 100).toFixed(2), currency: 'EUR' });
};

function answer(statusCode, body) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
