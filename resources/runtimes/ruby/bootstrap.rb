# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

# Runs a user's handler inside a sandbox and talks to the engine over descriptor 3 (core/runtime/frames.h).
#
# Started as `ruby --disable=gems bootstrap.rb`: RubyGems would double a cold start. It is loaded once something is
# required that Ruby itself does not have. The rest is beside this file.

parked = !ENV.delete('KILN_PARKED').nil?

require 'json'
require_relative 'kiln/channel'
require_relative 'kiln/context'
require_relative 'kiln/fault'
require_relative 'kiln/gems'
require_relative 'kiln/kept'

module Kiln
  HOME = File.join(__dir__, '')
  HEAD_SIZE = 48 # of an Invoke's body

  # What the user's code may replace, kept from before it runs.
  PARSE = JSON.method(:parse)
  GENERATE = JSON.method(:generate)

  # Runs handlers until the channel closes.
  class Bootstrap
    def initialize(channel, parked)
      @channel = channel
      @parked = parked
    end

    # Hello, Init, Ready; or the end of this process.
    def start
      @channel.send(Channel::HELLO, 0, '')
      type, serial, body = @channel.receive
      abort "kiln: expected an Init frame, got type #{type}" unless type == Channel::INIT
      init = PARSE.call(body.force_encoding(Encoding::UTF_8))
      ENV.update(init['environment'])
      LambdaContext.describe(init['context'])
      $stdout.sync = true
      await_code if @parked
      Dir.chdir(init['code'])
      $LOAD_PATH.unshift(init['code'])
      @handler = load_handler(init['code'], init['handler'])
      flush
      @channel.send(Channel::READY, serial, '')
    rescue SystemExit
      raise
    rescue Exception => e # rubocop:disable Lint/RescueException
      report(Channel::INIT_ERROR, 0, e, 'Init')
      exit!(1)
    end

    def serve
      loop do
        type, serial, body = @channel.receive
        if type == Channel::ASK_KEPT
          @channel.send(Channel::KEPT, serial, GENERATE.call(Kept.variables))
          next
        end
        abort "kiln: expected an Invoke frame, got type #{type}" unless type == Channel::INVOKE
        answer(serial, body)
      end
    end

    private

    # It is attached to a process that waited for it.
    def await_code
      type, = @channel.receive
      abort "kiln: expected a Begin frame, got type #{type}" unless type == Channel::BEGIN_LOADING
    end

    def load_handler(code, name)
      require_relative 'kiln/loading'
      Loading.load(code, name)
    end

    def answer(serial, body)
      response = invoke(body)
      flush
      @channel.send(Channel::RESULT, serial, response)
    rescue SystemExit
      raise # the process really ends: that is what `exit` asks for
    rescue Exception => e # rubocop:disable Lint/RescueException
      report(Channel::FAILURE, serial, e, 'Function')
    end

    # The response's bytes. Raises what the user's code raises, or a Fault.
    def invoke(body)
      deadline, id, context_size = body.unpack('Q<a36L<')
      context = LambdaContext.new(id.force_encoding(Encoding::UTF_8), deadline)
      unless context_size.zero?
        context.apply(PARSE.call(body.byteslice(HEAD_SIZE, context_size).force_encoding(Encoding::UTF_8)))
      end
      event = parse_event(body.byteslice(HEAD_SIZE + context_size, body.bytesize).force_encoding(Encoding::UTF_8))
      response_bytes(@handler.call(event: event, context: context))
    end

    def parse_event(text)
      raise 'it is not UTF-8' unless text.valid_encoding?

      PARSE.call(text)
    rescue StandardError => e
      raise Fault.new('UnmarshalError', "Unable to unmarshal input: #{e.message}")
    end

    # JSON, or the bytes of a StringIO as they are, as on AWS Lambda.
    def response_bytes(response)
      return response.string if defined?(StringIO) && response.is_a?(StringIO)

      GENERATE.call(response)
    rescue StandardError => e
      raise Fault.new('MarshalError', "Unable to marshal response: #{e.message}")
    end

    # Logs the error, then tells it.
    def report(type, serial, error, stage)
      require_relative 'kiln/failure'
      told = Failure.describe(error, stage)
      flush
      Failure.log(told)
      @channel.send(type, serial, GENERATE.call(told))
    end

    # STDOUT too: $stdout may be the user's by now.
    def flush
      STDOUT.flush
      STDERR.flush
      $stdout.flush if $stdout.respond_to?(:flush)
    rescue StandardError
      nil # closed by the user
    end
  end

  private_constant :Bootstrap

  def self.run(parked)
    require_relative 'kiln/ahead' if parked
    bootstrap = Bootstrap.new(Channel.new(3), parked)
    bootstrap.start
    bootstrap.serve
  end
end

Kiln.run(parked)
