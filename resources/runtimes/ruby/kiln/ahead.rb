# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

# Loaded only by a process that waits for its function: what most handlers need, while nobody waits for it. Nothing that
# the user's settings change.
%w[base64 cgi/escape date digest logger securerandom set stringio time uri].each do |name|
  kiln_require(name)
rescue LoadError
  nil # not part of each Ruby
end
require_relative 'failure'
require_relative 'loading'
