// {{name}}: answers every event with a greeting.

export const handler = async (event, context) => {
  // Whatever is printed becomes a log line of this invocation.
  console.log('event:', event);
  return { greeting: `Hello, ${event?.name ?? 'world'}!` };
};
