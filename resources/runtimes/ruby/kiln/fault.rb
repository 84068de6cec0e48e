# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

module Kiln
  # An error that the runtime itself tells, by its type's name on AWS Lambda. `lines`: shown with it.
  class Fault < StandardError
    attr_reader :kind, :lines

    def initialize(kind, message, lines = [])
      super(message)
      @kind = "Runtime.#{kind}"
      @lines = lines
    end
  end
end
