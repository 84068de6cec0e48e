# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

module Kiln
  # Turns exceptions into what the engine stores.
  module Failure
    MESSAGE_LIMIT = 64 * 1024
    FRAME_LIMIT = 100 # kept from each end of a deep stack
    CHAIN_LIMIT = 10
    REQUIRE = '/rubygems/core_ext/kernel_require.rb'

    module_function

    # {type, message, stack}; never raises. `stage` is "Function" or "Init", as AWS Lambda names types.
    def describe(error, stage)
      return { type: error.kind, message: clean(message_of(error)), stack: error.lines.map { |l| clean(l) } } if error.is_a?(Fault)

      { type: clean("#{stage}<#{name_of(error)}>"), message: clean(message_of(error)), stack: stack(error) }
    rescue StandardError
      { type: "#{stage}<Exception>", message: 'an error that cannot be shown', stack: [] }
    end

    # `[ERROR] Function<KeyError>: message`, the rest indented: core/runtime/log_format.h tells by it what belongs
    # together. Straight into the pipe: $stdout may be the user's by now.
    def log(told)
      text = +"[ERROR] #{told[:type]}: #{told[:message].gsub("\n", "\n  ")}\n"
      told[:stack].each { |line| text << (line.start_with?(' ') ? '' : '  ') << line << "\n" }
      io = IO.for_fd(1, 'wb', autoclose: false)
      io.sync = true
      io.write(text)
    rescue SystemCallError
      nil # closed by the user
    end

    # The frames as Ruby writes them, innermost first; those of the errors behind it after them.
    def stack(error)
      lines = []
      seen = {}.compare_by_identity
      while error.is_a?(Exception) && !seen[error] && seen.size < CHAIN_LIMIT
        lines << clean("Caused by: #{name_of(error)}: #{message_of(error)}") unless seen.empty?
        seen[error] = true
        lines.concat(frames(error))
        error = error.cause
      end
      lines
    end

    # Without ours and Ruby's own.
    def frames(error)
      lines = Array(error.backtrace).grep(String).map { |line| clean(line) }
      lines.reject! { |line| line.start_with?(HOME, '<internal:') || line.include?(REQUIRE) }
      left_out = lines.size - 2 * FRAME_LIMIT
      lines[FRAME_LIMIT...-FRAME_LIMIT] = ["[#{left_out} more frames]"] if left_out.positive?
      lines
    end

    def name_of(error)
      (Module.instance_method(:name).bind_call(error.class) || 'Exception').to_s
    end

    def message_of(error)
      text = error.message.to_s
      text.length > MESSAGE_LIMIT ? "#{text[0, MESSAGE_LIMIT]}…" : text
    rescue StandardError
      'its message cannot be shown'
    end

    # Text that is UTF-8.
    def clean(text)
      text = text.encoding == Encoding::BINARY ? text.dup.force_encoding(Encoding::UTF_8) : text
      text = text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace) unless text.encoding == Encoding::UTF_8
      text.scrub
    end
  end
end
