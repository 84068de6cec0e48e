// SPDX-License-Identifier: GPL-3.0-or-later
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Kiln
{
    /// JSON as plain objects: Dictionary&lt;string, object&gt;, List&lt;object&gt;, string, long, double, bool and null. As little as
    /// a handler needs; any other library will do as well.
    public static class Json
    {
        const int MostDepth = 200;

        /// Throws FormatException for what is no JSON.
        public static object Parse(string text)
        {
            var reader = new Reader { Text = text };
            var value = reader.Value(0);
            reader.SkipSpace();
            if (reader.At != text.Length)
                throw reader.Wrong();
            return value;
        }

        /// The value at a path of names and indices; null for what is not there.
        public static object At(object value, params object[] path)
        {
            foreach (var step in path)
            {
                var members = value as IDictionary<string, object>;
                var items = value as IList<object>;
                value = null;
                if (step is string && members != null)
                    members.TryGetValue((string)step, out value);
                else if (step is int && items != null && (int)step >= 0 && (int)step < items.Count)
                    value = items[(int)step];
            }
            return value;
        }

        /// Throws FormatException for what JSON cannot hold.
        public static string Write(object value)
        {
            var text = new StringBuilder();
            Write(text, value, 0);
            return text.ToString();
        }

        static void Write(StringBuilder text, object value, int depth)
        {
            if (depth > MostDepth)
                throw new FormatException("it is nested too deep, or a circle");
            if (value == null)
                text.Append("null");
            else if (value is bool)
                text.Append((bool)value ? "true" : "false");
            else if (value is string || value is char || value is Enum || value is Guid)
                Quote(text, value.ToString());
            else if (value is double || value is float)
                WriteNumber(text, Convert.ToDouble(value));
            else if (value is IDictionary)
                WriteMembers(text, (IDictionary)value, depth);
            else if (value is IEnumerable)
                WriteItems(text, (IEnumerable)value, depth);
            else if (value.GetType().IsPrimitive || value is decimal)
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            else
                WriteProperties(text, value, depth);
        }

        static void WriteNumber(StringBuilder text, double number)
        {
            if (double.IsNaN(number) || double.IsInfinity(number))
                throw new FormatException("JSON has no such number: " + number);
            text.Append(number.ToString("R", CultureInfo.InvariantCulture));
        }

        static void WriteMembers(StringBuilder text, IDictionary members, int depth)
        {
            var between = '{';
            foreach (DictionaryEntry member in members)
            {
                text.Append(between);
                Quote(text, member.Key.ToString());
                text.Append(':');
                Write(text, member.Value, depth + 1);
                between = ',';
            }
            text.Append(between == '{' ? "{}" : "}");
        }

        static void WriteItems(StringBuilder text, IEnumerable items, int depth)
        {
            var between = '[';
            foreach (var item in items)
            {
                text.Append(between);
                Write(text, item, depth + 1);
                between = ',';
            }
            text.Append(between == '[' ? "[]" : "]");
        }

        /// Public properties, as of an anonymous type.
        static void WriteProperties(StringBuilder text, object value, int depth)
        {
            var members = new Dictionary<string, object>();
            foreach (var property in value.GetType().GetProperties())
                if (property.CanRead && property.GetIndexParameters().Length == 0 && !property.GetGetMethod().IsStatic)
                    members[property.Name] = property.GetValue(value, null);
            WriteMembers(text, members, depth);
        }

        static void Quote(StringBuilder text, string value)
        {
            text.Append('"');
            for (var i = 0; i < value.Length; ++i)
            {
                var c = value[i];
                var paired = char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
                if (c == '"' || c == '\\')
                    text.Append('\\').Append(c);
                else if (paired)
                    text.Append(c).Append(value[++i]);
                else if (c < ' ' || char.IsSurrogate(c))
                    text.Append("\\u").Append(((int)c).ToString("x4"));
                else
                    text.Append(c);
            }
            text.Append('"');
        }

        sealed class Reader
        {
            public string Text;
            public int At;

            public FormatException Wrong()
            {
                return new FormatException("no JSON at character " + At);
            }

            public void SkipSpace()
            {
                while (At < Text.Length && " \n\r\t".IndexOf(Text[At]) >= 0)
                    ++At;
            }

            bool Take(string word)
            {
                if (string.CompareOrdinal(Text, At, word, 0, word.Length) != 0)
                    return false;
                At += word.Length;
                return true;
            }

            public object Value(int depth)
            {
                if (depth > MostDepth)
                    throw new FormatException("it is nested too deep");
                SkipSpace();
                if (Take("null"))
                    return null;
                if (Take("true"))
                    return true;
                if (Take("false"))
                    return false;
                if (Take("["))
                    return Items(depth);
                if (Take("{"))
                    return Members(depth);
                if (At < Text.Length && Text[At] == '"')
                    return String();
                return Number();
            }

            List<object> Items(int depth)
            {
                var items = new List<object>();
                SkipSpace();
                if (Take("]"))
                    return items;
                while (true)
                {
                    items.Add(Value(depth + 1));
                    SkipSpace();
                    if (Take("]"))
                        return items;
                    if (!Take(","))
                        throw Wrong();
                }
            }

            Dictionary<string, object> Members(int depth)
            {
                var members = new Dictionary<string, object>();
                SkipSpace();
                if (Take("}"))
                    return members;
                while (true)
                {
                    SkipSpace();
                    var name = String();
                    SkipSpace();
                    if (!Take(":"))
                        throw Wrong();
                    members[name] = Value(depth + 1);
                    SkipSpace();
                    if (Take("}"))
                        return members;
                    if (!Take(","))
                        throw Wrong();
                }
            }

            object Number()
            {
                var start = At;
                while (At < Text.Length && "+-.0123456789eE".IndexOf(Text[At]) >= 0)
                    ++At;
                var number = Text.Substring(start, At - start);
                long whole;
                double value;
                const NumberStyles style = NumberStyles.AllowLeadingSign;
                if (number.Length > 0 && number[0] != '+' && number[0] != '.')
                {
                    if (long.TryParse(number, style, CultureInfo.InvariantCulture, out whole))
                        return whole;
                    if (double.TryParse(number, style | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                                        CultureInfo.InvariantCulture, out value))
                        return value;
                }
                At = start;
                throw Wrong();
            }

            string String()
            {
                if (!Take("\""))
                    throw Wrong();
                var text = new StringBuilder();
                while (At < Text.Length)
                {
                    var c = Text[At++];
                    if (c == '"')
                        return text.ToString();
                    if (c < ' ')
                        break;
                    text.Append(c == '\\' ? Escaped() : c);
                }
                throw Wrong();
            }

            char Escaped()
            {
                var c = At < Text.Length ? Text[At++] : '\0';
                var known = "\"\\/bfnrt".IndexOf(c);
                if (known >= 0)
                    return "\"\\/\b\f\n\r\t"[known];
                ushort code;
                if (c != 'u' || At + 4 > Text.Length
                    || !ushort.TryParse(Text.Substring(At, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                                        out code))
                    throw Wrong();
                At += 4;
                return (char)code;
            }
        }
    }
}
