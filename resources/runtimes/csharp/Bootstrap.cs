// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a user's handler inside a sandbox and talks to the engine over descriptor 3 (core/runtime/frames.h). Compiled with
// the user's code into one program.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Kiln
{
    static class Bootstrap
    {
        const int HeadSize = 48; // of an Invoke's body

        static readonly UTF8Encoding Utf8 = new UTF8Encoding(false);
        static IDictionary<string, object> unchanging;

        static int Main()
        {
            var channel = new Channel(3);
            var handler = Start(channel);
            while (true)
            {
                var frame = channel.Receive();
                if (frame.Type != Channel.Invoke || frame.Body.Length < HeadSize)
                    return Refuse("an Invoke", frame.Type);
                Answer(channel, handler, frame);
            }
        }

        static int Refuse(string expected, int got)
        {
            Console.Error.WriteLine("kiln: expected " + expected + " frame, got type " + got);
            Environment.Exit(1);
            return 1;
        }

        /// Hello, Init, Ready; or the end of this process.
        static Handler Start(Channel channel)
        {
            channel.Send(Channel.Hello, 0, new byte[0]);
            var frame = channel.Receive();
            if (frame.Type != Channel.Init)
                Refuse("an Init", frame.Type);
            var init = (IDictionary<string, object>)Json.Parse(Utf8.GetString(frame.Body));
            foreach (var variable in (IDictionary<string, object>)init["environment"])
                Environment.SetEnvironmentVariable(variable.Key, (string)variable.Value);
            unchanging = (IDictionary<string, object>)init["context"];
            try
            {
                Directory.SetCurrentDirectory((string)init["code"]);
                var handler = Handler.Find((string)init["handler"]);
                Flush();
                channel.Send(Channel.Ready, frame.Serial, new byte[0]);
                return handler;
            }
            catch (Exception error)
            {
                Report(channel, Channel.InitError, frame.Serial, error);
                Environment.Exit(1);
                throw;
            }
        }

        static void Answer(Channel channel, Handler handler, Frame frame)
        {
            try
            {
                var context = new Context(unchanging, Encoding.ASCII.GetString(frame.Body, 8, 36),
                                          BitConverter.ToInt64(frame.Body, 0));
                var contextSize = (int)BitConverter.ToUInt32(frame.Body, 44);
                if (contextSize > 0)
                    context.Apply((IDictionary<string, object>)Json.Parse(Utf8.GetString(frame.Body, HeadSize, contextSize)));
                var start = HeadSize + contextSize;
                var body = new byte[frame.Body.Length - start];
                Buffer.BlockCopy(frame.Body, start, body, 0, body.Length);
                var response = handler.Call(body, context);
                Flush();
                channel.Send(Channel.Result, frame.Serial, response);
            }
            catch (Exception error)
            {
                Report(channel, Channel.Failure, frame.Serial, error);
            }
        }

        /// Logs the error, then tells it.
        static void Report(Channel channel, byte type, ulong serial, Exception error)
        {
            var told = Failure.Describe(error);
            Flush();
            channel.Log(Utf8.GetBytes(Failure.LogText(told)));
            channel.Send(type, serial, Utf8.GetBytes(Json.Write(told)));
        }

        static void Flush()
        {
            try
            {
                Console.Out.Flush();
                Console.Error.Flush();
            }
            catch (Exception)
            {
                // closed by the user
            }
        }
    }

    /// The second argument of a handler.
    public sealed class Context
    {
        readonly IDictionary<string, object> unchanging;
        readonly long deadline;

        internal Context(IDictionary<string, object> unchanging, string requestId, long deadline)
        {
            this.unchanging = unchanging;
            this.deadline = deadline;
            AwsRequestId = requestId;
        }

        internal void Apply(IDictionary<string, object> sent)
        {
            object value;
            if (sent.TryGetValue("client_context", out value))
                ClientContext = value;
            if (sent.TryGetValue("trace_id", out value) && value is string)
                Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", (string)value);
        }

        public string AwsRequestId { get; private set; }
        public string FunctionName { get { return (string)unchanging["function_name"]; } }
        public string FunctionVersion { get { return (string)unchanging["function_version"]; } }
        public string InvokedFunctionArn { get { return (string)unchanging["invoked_function_arn"]; } }
        public int MemoryLimitInMB
        {
            get { return int.Parse((string)unchanging["memory_limit_in_mb"], CultureInfo.InvariantCulture); }
        }
        public string LogGroupName { get { return (string)unchanging["log_group_name"]; } }
        public string LogStreamName { get { return (string)unchanging["log_stream_name"]; } }
        /// As parsed JSON; null: none was sent.
        public object ClientContext { get; private set; }
        public TimeSpan RemainingTime
        {
            get
            {
                var left = deadline - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                return TimeSpan.FromMilliseconds(Math.Max(0, left));
            }
        }
    }
}
