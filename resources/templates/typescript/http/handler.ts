// {{name}}: answers HTTP requests (payload format 2.0, as behind Lambda's function URLs).

interface Request {
  pathParameters?: Record<string, string>;
  queryStringParameters?: Record<string, string>;
}

interface Response {
  statusCode: number;
  headers?: Record<string, string>;
  body: string;
}

export const handler = async (event: Request): Promise<Response> => {
  const who = event.pathParameters?.who ?? 'world';
  const greeting = event.queryStringParameters?.greeting ?? 'Hello';
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: `${greeting}, ${who}!` }),
  };
};
