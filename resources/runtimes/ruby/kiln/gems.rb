# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

module Kiln
  # RubyGems, loaded when something is asked of it, with the gems of vendor/bundle that came with the function.
  module Gems
    def self.load
      Kernel.require 'rubygems'
      vendored = Dir.glob(File.join(Dir.pwd, 'vendor/bundle/ruby/*')).select { |path| File.directory?(path) }
      Gem.use_paths(Gem.dir, vendored + Gem.path) unless vendored.empty?
    end
  end
end

# Until then these stand in for its own.
module Kernel
  alias kiln_require require

  def require(name)
    kiln_require(name)
  rescue LoadError => e
    raise if defined?(Gem) || e.path != name.to_s

    Kiln::Gems.load
    require(name)
  end
  private :require

  def gem(*arguments)
    Kiln::Gems.load
    gem(*arguments)
  end
  private :gem
end
