# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

# The context: of a handler, as on AWS Lambda.
class LambdaContext
  UNCHANGING = %w[function_name function_version invoked_function_arn memory_limit_in_mb log_group_name
                  log_stream_name].freeze
  private_constant :UNCHANGING

  attr_reader :aws_request_id, :deadline_ms, :client_context, :identity, :tenant_id

  class << self
    # What does not change between invocations: set once, by Init.
    def describe(told)
      UNCHANGING.each do |name|
        value = told[name].freeze
        define_method(name) { value }
      end
    end
  end

  def initialize(request_id, deadline)
    @aws_request_id = request_id
    @deadline_ms = deadline
  end

  # What the caller sent along.
  def apply(sent)
    @client_context = sent['client_context']
    @identity = sent['identity']
    @tenant_id = sent['tenant_id']
    ENV['_X_AMZN_TRACE_ID'] = sent['trace_id'] if sent['trace_id'].is_a?(String)
  end

  def get_remaining_time_in_millis # rubocop:disable Naming/AccessorMethodName
    [0, @deadline_ms - Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)].max
  end
end
