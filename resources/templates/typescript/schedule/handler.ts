// {{name}}: runs by the clock.

interface Tick {
  time?: string;
}

export const handler = async (event: Tick) => {
  // The time it was due, not the time it runs: a retry sees the same one.
  const due = event?.time ?? new Date().toISOString();
  console.log('running for', due);
  return { ranFor: due };
};
