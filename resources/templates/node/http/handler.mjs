// {{name}}: answers HTTP requests (payload format 2.0, as behind Lambda's function URLs).

export const handler = async (event) => {
  const who = event.pathParameters?.who ?? 'world';
  const greeting = event.queryStringParameters?.greeting ?? 'Hello';
  // A plain object without statusCode works too: it is sent as JSON with status 200.
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: `${greeting}, ${who}!` }),
  };
};
