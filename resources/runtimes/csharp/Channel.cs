// SPDX-License-Identifier: GPL-3.0-or-later
using System;
using System.Runtime.InteropServices;

namespace Kiln
{
    struct Frame
    {
        public byte Type;
        public ulong Serial;
        public byte[] Body;
    }

    /// Frames over a descriptor, as core/runtime/frames.h lays them out, read and written with blocking calls.
    sealed class Channel
    {
        public const byte Init = 1, Invoke = 2, Hello = 16, Ready = 17, InitError = 18, Result = 19, Failure = 20;

        const int HeaderSize = 16;
        const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
        const int OutOfTheWay = 512; // of loops that close all descriptors
        const int Interrupted = 4; // EINTR

        [DllImport("libc.so.6", SetLastError = true)]
        static extern IntPtr read(int descriptor, IntPtr into, UIntPtr size);
        [DllImport("libc.so.6", SetLastError = true)]
        static extern IntPtr write(int descriptor, IntPtr from, UIntPtr size);
        [DllImport("libc.so.6")]
        static extern int fcntl(int descriptor, int command, int argument);
        [DllImport("libc.so.6")]
        static extern int close(int descriptor);
        [DllImport("libc.so.6")]
        static extern void _exit(int code);

        readonly int descriptor;
        readonly byte[] buffer = new byte[64 * 1024];
        int held;

        /// Takes the descriptor away: neither the user's code nor its children find it there.
        public Channel(int given)
        {
            descriptor = fcntl(given, DuplicateCloseOnExec, OutOfTheWay);
            close(given);
        }

        /// A closed channel means that the engine is gone: this process ends at once.
        int Read(byte[] into, int offset, int size)
        {
            var pinned = GCHandle.Alloc(into, GCHandleType.Pinned);
            try
            {
                while (true)
                {
                    var count = (long)read(descriptor, pinned.AddrOfPinnedObject() + offset, (UIntPtr)size);
                    if (count > 0)
                        return (int)count;
                    if (count == 0 || Marshal.GetLastWin32Error() != Interrupted)
                        _exit(0);
                }
            }
            finally
            {
                pinned.Free();
            }
        }

        static bool WriteAll(int to, byte[] bytes)
        {
            var pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            try
            {
                for (var sent = 0; sent < bytes.Length;)
                {
                    var count = (long)write(to, pinned.AddrOfPinnedObject() + sent, (UIntPtr)(bytes.Length - sent));
                    if (count > 0)
                        sent += (int)count;
                    else if (Marshal.GetLastWin32Error() != Interrupted)
                        return false;
                }
                return true;
            }
            finally
            {
                pinned.Free();
            }
        }

        public Frame Receive()
        {
            while (held < HeaderSize)
                held += Read(buffer, held, buffer.Length - held);
            var size = (int)BitConverter.ToUInt32(buffer, 0);
            var frame = new Frame { Type = buffer[4], Serial = BitConverter.ToUInt64(buffer, 8), Body = new byte[size] };
            var here = Math.Min(size, held - HeaderSize);
            Buffer.BlockCopy(buffer, HeaderSize, frame.Body, 0, here);
            held -= HeaderSize + here;
            Buffer.BlockCopy(buffer, HeaderSize + here, buffer, 0, held);
            while (here < size)
                here += Read(frame.Body, here, size - here);
            return frame;
        }

        public void Send(byte type, ulong serial, byte[] body)
        {
            var bytes = new byte[HeaderSize + body.Length];
            BitConverter.GetBytes((uint)body.Length).CopyTo(bytes, 0);
            bytes[4] = type;
            BitConverter.GetBytes(serial).CopyTo(bytes, 8);
            Buffer.BlockCopy(body, 0, bytes, HeaderSize, body.Length);
            if (!WriteAll(descriptor, bytes))
                _exit(0);
        }

        /// Straight into the pipe: Console.Out may be the user's by now.
        public void Log(byte[] text)
        {
            WriteAll(1, text);
        }
    }
}
