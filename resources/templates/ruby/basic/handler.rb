# {{name}}: answers every event with a greeting.

def handler(event:, context:)
  # Whatever is printed becomes a log line of this invocation.
  puts "event: #{event}"
  { greeting: "Hello, #{event['name'] || 'world'}!" }
end
