# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

module Kiln
  # What the function's files keep in variables: what the next invocation in this process finds.
  module Kept
    MOST = 64
    MOST_TEXT = 100
    PLAIN = [NilClass, TrueClass, FalseClass, Integer, Float, String, Symbol].freeze
    COUNTED = [Array, Hash].freeze
    OWN = global_variables.freeze # before the user's code runs

    # Never runs code of the user's: of his own types only the name is told.
    def self.text(value)
      kind = value.class
      text = if PLAIN.include?(kind) then (kind == String ? value[0, MOST_TEXT] : value).inspect
             elsif COUNTED.include?(kind) then "#{kind} of #{value.size}"
             else kind.name.to_s
             end
      text = text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace)
      text.size > MOST_TEXT ? "#{text[0, MOST_TEXT]}…" : text
    end

    # As the engine reads it.
    def self.variables
      main = TOPLEVEL_BINDING.receiver
      kept = main.instance_variables.map { |name| [name.to_s, text(main.instance_variable_get(name))] }
      kept += (global_variables - OWN).map { |name| [name.to_s, text(TOPLEVEL_BINDING.eval(name.to_s))] }
      { variables: kept.first(MOST), more: [kept.size - MOST, 0].max }
    end
  end
end
