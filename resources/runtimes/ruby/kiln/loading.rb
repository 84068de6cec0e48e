# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

module Kiln
  # Finds the user's method, by AWS Lambda's rules: "folder/file.method", "file.Module::Class.method".
  module Loading
    module_function

    # What to call with event: and context:.
    def load(code, handler)
      file, *owner, name = split(handler)
      require_file(code, file)
      receiver = owner.empty? ? TOPLEVEL_BINDING.receiver : constant(handler, owner.first)
      method_of(receiver, handler, name)
    end

    def method_of(receiver, handler, name)
      receiver.method(name)
    rescue NameError
      raise Fault.new('HandlerNotFound', "#{handler}: there is no method #{name}")
    end

    def split(handler)
      folder, base = File.split(handler)
      parts = base.split('.')
      if handler.include?('..') || !parts.size.between?(2, 3)
        raise Fault.new('MalformedHandlerName',
                        "Invalid handler #{handler}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD, where " \
                        'FILENAME corresponds with an existing Ruby source file FILENAME.rb, CLASS is an optional ' \
                        'module or class and METHOD is a method')
      end
      [folder == '.' ? parts.first : File.join(folder, parts.first), *parts.drop(1)]
    end

    def require_file(code, file)
      path = File.join(code, "#{file}.rb")
      raise Fault.new('ImportModuleError', "cannot load such file -- #{file}.rb") unless File.file?(path)

      TOPLEVEL_BINDING.receiver.__send__(:require, path)
    rescue SyntaxError => e
      raise Fault.new('UserCodeSyntaxError', e.message, e.message.scan(/^#{Regexp.escape(code)}.*?:\d+/).uniq.first(20))
    end

    def constant(handler, name)
      Object.const_get(name)
    rescue NameError
      raise Fault.new('HandlerNotFound', "#{handler}: there is no class or module #{name}")
    end
  end
end
