// SPDX-License-Identifier: GPL-3.0-or-later
using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Tasks;

namespace Kiln
{
    /// The user's method: static or of an instance, with up to two parameters, the event and the Context.
    sealed class Handler
    {
        const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

        static readonly UTF8Encoding Utf8 = new UTF8Encoding(false);

        readonly MethodInfo method;
        readonly object owner;
        readonly ParameterInfo[] parameters;

        Handler(MethodInfo method, object owner)
        {
            this.method = method;
            this.owner = owner;
            parameters = method.GetParameters();
        }

        /// "Namespace.Class.Method"
        public static Handler Find(string name)
        {
            var dot = name.LastIndexOf('.');
            var type = dot < 0 ? null : Assembly.GetExecutingAssembly().GetType(name.Substring(0, dot));
            if (type == null)
                throw new Fault("HandlerNotFound", name + ": there is no class " + name.Substring(0, Math.Max(0, dot)));
            MethodInfo method;
            try
            {
                method = type.GetMethod(name.Substring(dot + 1), Any);
            }
            catch (AmbiguousMatchException)
            {
                throw new Fault("HandlerNotFound", name + ": there are several methods of this name");
            }
            if (method == null)
                throw new Fault("HandlerNotFound", name + ": there is no method " + name.Substring(dot + 1));
            var handler = new Handler(method, null);
            handler.Check(name);
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            return method.IsStatic ? handler : new Handler(method, Activator.CreateInstance(type, true));
        }

        void Check(string name)
        {
            var good = parameters.Length <= 2 && (parameters.Length < 1 || IsContext(0) || IsEvent(parameters[0].ParameterType))
                       && (parameters.Length < 2 || IsContext(1));
            if (!good || method.ContainsGenericParameters)
                throw new Fault("HandlerNotFound", name + ": it takes the event (string, byte[], Stream or object) and, if "
                                                   + "it likes, a Kiln.Context");
        }

        bool IsContext(int index)
        {
            return parameters[index].ParameterType == typeof(Context);
        }

        static bool IsEvent(Type type)
        {
            return type == typeof(string) || type == typeof(byte[]) || type == typeof(Stream) || type == typeof(object);
        }

        /// The response's bytes. Throws what the user's code throws.
        public byte[] Call(byte[] body, Context context)
        {
            var arguments = new object[parameters.Length];
            for (var i = 0; i < arguments.Length; ++i)
                arguments[i] = IsContext(i) ? context : EventAs(parameters[i].ParameterType, body);
            var result = method.Invoke(owner, arguments);
            var task = result as Task;
            if (task != null)
                result = Await(task);
            return BytesOf(result);
        }

        static object EventAs(Type type, byte[] body)
        {
            if (type == typeof(byte[]))
                return body;
            if (type == typeof(Stream))
                return new MemoryStream(body, false);
            var text = Utf8.GetString(body);
            if (type == typeof(string))
                return text;
            try
            {
                return Json.Parse(text);
            }
            catch (FormatException error)
            {
                throw new Fault("UnmarshalError", "Unable to unmarshal input: " + error.Message);
            }
        }

        static object Await(Task task)
        {
            task.GetAwaiter().GetResult();
            for (var type = task.GetType(); type != null; type = type.BaseType)
            {
                if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
                {
                    var result = type.GetProperty("Result").GetValue(task);
                    return result != null && result.GetType().Name == "VoidTaskResult" ? null : result;
                }
            }
            return null;
        }

        /// Text and bytes as they are, all else as JSON.
        static byte[] BytesOf(object result)
        {
            var text = result as string;
            if (text != null)
                return Utf8.GetBytes(text);
            var bytes = result as byte[];
            if (bytes != null)
                return bytes;
            var stream = result as Stream;
            if (stream != null)
            {
                var copy = new MemoryStream();
                if (stream.CanSeek)
                    stream.Position = 0;
                stream.CopyTo(copy);
                return copy.ToArray();
            }
            try
            {
                return Utf8.GetBytes(Json.Write(result));
            }
            catch (FormatException error)
            {
                throw new Fault("MarshalError", "Unable to marshal response: " + error.Message);
            }
        }
    }
}
