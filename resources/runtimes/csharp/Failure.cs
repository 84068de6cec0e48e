// SPDX-License-Identifier: GPL-3.0-or-later
using System;
using System.Collections.Generic;
using System.Reflection;
using System.Text;

namespace Kiln
{
    /// An error that the runtime itself tells, by its type's name on AWS Lambda.
    sealed class Fault : Exception
    {
        public readonly string Kind;

        public Fault(string kind, string message) : base(message)
        {
            Kind = "Runtime." + kind;
        }
    }

    /// Turns exceptions into what the engine stores.
    static class Failure
    {
        const int MessageLimit = 64 * 1024;
        const int FrameLimit = 200;
        const int ChainLimit = 10;

        /// {"type", "message", "stack"}; never throws.
        public static Dictionary<string, object> Describe(Exception error)
        {
            error = Unwrapped(error);
            var fault = error as Fault;
            var stack = new List<object>();
            for (var depth = 0; fault == null && error != null && depth < ChainLimit; ++depth)
            {
                var each = error;
                for (var i = 0; i < depth; ++i)
                    each = each == null ? null : each.InnerException;
                if (each == null)
                    break;
                if (depth > 0)
                    stack.Add("Caused by: " + each.GetType().FullName + ": " + MessageOf(each));
                AddFrames(stack, each);
            }
            return new Dictionary<string, object> {
                { "type", fault != null ? fault.Kind : error.GetType().FullName },
                { "message", MessageOf(error) },
                { "stack", stack },
            };
        }

        /// "[ERROR] Type: message", the rest indented: core/runtime/log_format.h tells by it what belongs together.
        public static string LogText(Dictionary<string, object> told)
        {
            var text = new StringBuilder("[ERROR] " + told["type"] + ": ");
            text.Append(((string)told["message"]).Replace("\n", "\n  ")).Append('\n');
            foreach (string line in (List<object>)told["stack"])
                text.Append("  ").Append(line.Trim()).Append('\n');
            return text.ToString();
        }

        /// Reflection, static constructors and tasks wrap what the user's code threw.
        static Exception Unwrapped(Exception error)
        {
            while (error.InnerException != null
                   && (error is TargetInvocationException || error is TypeInitializationException
                       || error is AggregateException))
                error = error.InnerException;
            return error;
        }

        static string MessageOf(Exception error)
        {
            try
            {
                var text = error.Message ?? "";
                return text.Length <= MessageLimit ? text : text.Substring(0, MessageLimit) + "…";
            }
            catch (Exception)
            {
                return "its message cannot be shown";
            }
        }

        /// Innermost first, without ours and reflection's.
        static void AddFrames(List<object> stack, Exception error)
        {
            var trace = error.StackTrace;
            if (trace == null)
                return;
            var count = 0;
            foreach (var line in trace.Split('\n'))
            {
                var frame = line.Trim();
                if (!frame.StartsWith("at ", StringComparison.Ordinal) || frame.StartsWith("at Kiln.", StringComparison.Ordinal)
                    || frame.StartsWith("at (wrapper ", StringComparison.Ordinal)
                    || frame.StartsWith("at System.Reflection.", StringComparison.Ordinal)
                    || frame.StartsWith("at System.Runtime.CompilerServices.TaskAwaiter", StringComparison.Ordinal))
                    continue;
                if (++count > FrameLimit)
                    break;
                stack.Add("    " + frame);
            }
        }
    }
}
