# {{name}}: runs by the clock.

require 'time'

def handler(event:, context:)
  # The time it was due, not the time it runs: a retry sees the same one.
  due = event['time'] || Time.now.utc.iso8601
  puts "running for #{due}"
  { ranFor: due }
end
