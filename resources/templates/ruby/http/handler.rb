# {{name}}: answers HTTP requests (payload format 2.0, as behind Lambda's function URLs).

require 'json'

def handler(event:, context:)
  who = event.dig('pathParameters', 'who') || 'world'
  greeting = event.dig('queryStringParameters', 'greeting') || 'Hello'
  # A plain hash without statusCode works too: it is sent as JSON with status 200.
  {
    statusCode: 200,
    headers: { 'content-type' => 'application/json' },
    body: JSON.generate(message: "#{greeting}, #{who}!")
  }
end
