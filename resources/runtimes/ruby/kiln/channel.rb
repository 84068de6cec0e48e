# SPDX-License-Identifier: GPL-3.0-or-later
# frozen_string_literal: true

module Kiln
  # Frames over a descriptor, as core/runtime/frames.h lays them out, read and written with blocking calls.
  class Channel
    INIT = 1
    INVOKE = 2
    BEGIN_LOADING = 4
    ASK_KEPT = 5
    HELLO = 16
    READY = 17
    INIT_ERROR = 18
    RESULT = 19
    FAILURE = 20
    KEPT = 23

    HEADER_SIZE = 16
    READ_SIZE = 64 * 1024
    F_DUPFD_CLOEXEC = 1030
    OUT_OF_THE_WAY = 512 # of loops that close all descriptors

    # Takes the descriptor away: neither the user's code nor its children find it there.
    def initialize(descriptor)
      given = IO.for_fd(descriptor, 'r+b')
      @io = IO.for_fd(given.fcntl(F_DUPFD_CLOEXEC, OUT_OF_THE_WAY), 'r+b', autoclose: false)
      given.close
      @io.sync = true
      @owner = Process.pid
      @part = String.new(capacity: READ_SIZE, encoding: Encoding::BINARY)
      @held = String.new(encoding: Encoding::BINARY) # what is not yet consumed
    end

    # Type, serial and body of the next frame. A closed channel means that the engine is gone: the process ends at once.
    def receive
      fill(HEADER_SIZE)
      length, type, serial = @held.unpack('L<Cx3Q<')
      fill(HEADER_SIZE + length)
      body = @held.byteslice(HEADER_SIZE, length)
      rest = @held.bytesize - HEADER_SIZE - length
      rest.zero? ? @held.clear : @held = @held.byteslice(HEADER_SIZE + length, rest)
      [type, serial, body]
    end

    def send(type, serial, body)
      exit!(0) if Process.pid != @owner # a child that the user's code left running

      bytes = [body.bytesize, type, serial].pack('L<Cx3Q<') << body.b
      sent = 0
      sent += @io.syswrite(sent.zero? ? bytes : bytes.byteslice(sent, bytes.bytesize)) while sent < bytes.bytesize
    rescue SystemCallError
      exit!(0)
    end

    private

    def fill(size)
      while @held.bytesize < size
        wanted = [size - @held.bytesize, READ_SIZE].max
        @held << @io.sysread(wanted, @part)
      end
    rescue EOFError, SystemCallError
      exit!(0)
    end
  end
end
