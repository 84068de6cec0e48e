// {{name}}: answers every event with a greeting.

interface Event {
  name?: string;
}

export const handler = async (event: Event) => {
  // Whatever is printed becomes a log line of this invocation.
  console.log('event:', event);
  return { greeting: `Hello, ${event?.name ?? 'world'}!` };
};
